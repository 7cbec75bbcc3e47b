using System.CommandLine;
using Suture.Cli.Approvals;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;

namespace Suture.Cli.Commands;

/// <summary><c>plan list|show|request|approve|reject|withdraw</c>.</summary>
internal static class PlanCommands
{
    public static Command Create(CliConsole console) => new("plan", "Plans: what will change where, and who decides.")
    {
        List(console), Show(console), Request(console), Decide(console, "approve", "Approve a plan. Ends with 1 when it is refused."),
        Decide(console, "reject", "Reject a plan; say why with --reason. Ends with 1 when it is refused."), Withdraw(console),
    };

    private static ServerCommand List(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var state = new Option<string?>("--state") { Description = "Only in this state: waiting_approval, approved, rejected, verified, ended_unverified, superseded, withdrawn." };
        var asset = SharedOptions.Asset();
        return new ServerCommand(console, "list", "Plans, newest first.", state, asset, limit).Lists(
            async (parsed, client, cancellation) => Query.Of(
                "plans", ("state", parsed.GetValue(state)), ("asset", await SharedOptions.AssetIdAsync(client, parsed.GetValue(asset), cancellation))),
            limit, ContractsJson.Default.PagePlanRow, rows => PlansText.Write(console, rows));
    }

    private static ServerCommand Show(CliConsole console)
    {
        var id = PlanId();
        var command = new ServerCommand(console, "show", "A plan as the diff it is, with what an approval of it also allows, its hash and its jobs.", id);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed, await client.GetAsync($"plans/{parsed.GetValue(id)}", ContractsJson.Default.PlanDetail, cancellation), ContractsJson.Default.PlanDetail,
            detail => PlanText.Write(console, detail)));
    }

    private static ServerCommand Request(CliConsole console)
    {
        var fix = SharedOptions.FixArgument();
        var assets = new Option<string[]>("--asset") { Description = "Only for this asset (name or id), once for each; without it for all in your scope." };
        var command = new ServerCommand(console, "request", "Ask for a plan for a fix. It waits for an approval.", fix, assets);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var only = new List<Guid>();
            foreach (var asset in parsed.GetValue(assets) ?? [])
            {
                only.Add((await Find.AssetAsync(client, asset, cancellation)).Id);
            }
            var request = new PlanRequest { Fix = await Find.FixKeyAsync(client, parsed.GetRequiredValue(fix), cancellation), Assets = only.Count > 0 ? only : null };
            return await command.PrintAsync(
                parsed, await client.SendAsync(HttpMethod.Post, "plans", request, ContractsJson.Default.PlanRequest, ContractsJson.Default.PlanDetail, cancellation),
                ContractsJson.Default.PlanDetail, detail => PlanText.Write(console, detail));
        });
    }

    private static ServerCommand Decide(CliConsole console, string verb, string description)
    {
        var id = PlanId();
        var hash = new Option<string?>("--hash") { Description = "Hash of the plan as you saw it; without it the plan is shown and its hash taken." };
        var reason = new Option<string?>("--reason") { Description = "Why; required to reject." };
        var key = new Option<string?>("--key") { Description = "Your signing key, where agents demand signatures of approvers: the plan's hash is worked out here from what is shown, then signed." };
        IReadOnlyList<Symbol> symbols = verb == "approve" ? [id, hash, reason, key] : [id, hash, reason];
        var command = new ServerCommand(console, verb, description, symbols);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var (seen, signature) = await LookAsync(parsed, client, cancellation);
            var decided = await client.SendAsync(
                HttpMethod.Post, $"plans/{parsed.GetValue(id)}/{verb}", new PlanDecisionRequest { Hash = seen, Reason = parsed.GetValue(reason), Signature = signature },
                ContractsJson.Default.PlanDecisionRequest, ContractsJson.Default.PlanDetail, cancellation);
            return await command.PrintAsync(parsed, decided, ContractsJson.Default.PlanDetail, detail => PlanText.WriteDecision(console, detail));
        });

        // A program gets one answer, the decision; a person sees first what is decided on.
        async Task<(string Hash, ApproverSignature? Signature)> LookAsync(ParseResult parsed, ApiClient client, CancellationToken cancellation)
        {
            var file = verb == "approve" ? parsed.GetValue(key) : null;
            if (file is null && parsed.GetValue(hash) is { } given)
            {
                return (given, null);
            }
            var detail = await client.GetAsync($"plans/{parsed.GetValue(id)}", ContractsJson.Default.PlanDetail, cancellation);
            detail = file is null ? detail : CheckedPlan.Of(detail, parsed.GetValue(id));
            if (parsed.GetValue(hash) is { } expected && expected != detail.Plan.Hash)
            {
                throw new CliException(Exit.Usage, $"The plan's hash is {detail.Plan.Hash}, not the one given with --hash. Nothing was signed; look at the plan as it is.");
            }
            if (!command.IsJson(parsed))
            {
                PlanText.Write(console, detail);
                TextLines.Line(console, "");
            }
            if (file is null)
            {
                return (detail.Plan.Hash, null);
            }
            using var opened = await ApproverKeyFile.OpenAsync(console, file, cancellation);
            return (detail.Plan.Hash, ApproverSignature.Sign(Convert.FromHexString(detail.Plan.Hash), opened));
        }
    }

    private static ServerCommand Withdraw(CliConsole console)
    {
        var id = PlanId();
        var reason = new Option<string>("--reason") { Description = "Why.", Required = true };
        var command = new ServerCommand(
            console, "withdraw", "Take back a plan that waits, or of an approved one what no agent has taken. Ends with 1 when it is refused.", id, reason);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed,
            await client.SendAsync(
                HttpMethod.Post, $"plans/{parsed.GetValue(id)}/withdraw", new PlanWithdrawalRequest { Reason = parsed.GetRequiredValue(reason) },
                ContractsJson.Default.PlanWithdrawalRequest, ContractsJson.Default.PlanDetail, cancellation),
            ContractsJson.Default.PlanDetail, detail => PlanText.WriteWithdrawal(console, detail)));
    }

    private static Argument<Guid> PlanId() => new("id") { Description = "Id of the plan." };
}
