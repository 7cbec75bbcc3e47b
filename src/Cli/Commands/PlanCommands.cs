using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>plan list|show|request|approve|reject</c>.</summary>
internal static class PlanCommands
{
    public static Command Create(CliConsole console) => new("plan", "Plans: what will change where, and who decides.")
    {
        List(console), Show(console), Request(console), Decide(console, "approve", "Approve a plan. Ends with 1 when it is refused."),
        Decide(console, "reject", "Reject a plan; say why with --reason. Ends with 1 when it is refused."),
    };

    private static ServerCommand List(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        return new ServerCommand(console, "list", "Plans, newest first.", limit)
            .Lists(_ => "plans", limit, ContractsJson.Default.PagePlanRow, rows => PlansText.Write(console, rows));
    }

    private static ServerCommand Show(CliConsole console)
    {
        var id = PlanId();
        var command = new ServerCommand(console, "show", "A plan as the diff it is, with its hash and its jobs.", id);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed, await client.GetAsync($"plans/{parsed.GetValue(id)}", ContractsJson.Default.PlanDetail, cancellation), ContractsJson.Default.PlanDetail,
            detail => PlansText.Write(console, detail)));
    }

    private static ServerCommand Request(CliConsole console)
    {
        var fix = new Argument<string>("fix") { Description = "Key of the fix, as 'suture fixes --json' gives it." };
        var command = new ServerCommand(console, "request", "Ask for a plan for a fix, over all assets in your scope.", fix);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed,
            await client.SendAsync(
                HttpMethod.Post, "plans", new PlanRequest { Fix = parsed.GetRequiredValue(fix) }, ContractsJson.Default.PlanRequest, ContractsJson.Default.PlanDetail, cancellation),
            ContractsJson.Default.PlanDetail, detail => PlansText.Write(console, detail)));
    }

    private static ServerCommand Decide(CliConsole console, string verb, string description)
    {
        var id = PlanId();
        var hash = new Option<string?>("--hash") { Description = "Hash of the plan as you saw it; without it the plan is shown and its hash taken." };
        var reason = new Option<string?>("--reason") { Description = "Why; required to reject." };
        var command = new ServerCommand(console, verb, description, id, hash, reason);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var seen = parsed.GetValue(hash);
            if (seen is null)
            {
                var detail = await client.GetAsync($"plans/{parsed.GetValue(id)}", ContractsJson.Default.PlanDetail, cancellation);
                PlansText.Write(console, detail);
                seen = detail.Plan.Hash;
            }
            var decided = await client.SendAsync(
                HttpMethod.Post, $"plans/{parsed.GetValue(id)}/{verb}", new PlanDecisionRequest { Hash = seen, Reason = parsed.GetValue(reason) },
                ContractsJson.Default.PlanDecisionRequest, ContractsJson.Default.PlanDetail, cancellation);
            return await command.PrintAsync(parsed, decided, ContractsJson.Default.PlanDetail, detail => PlansText.WriteDecision(console, detail.Plan));
        });
    }

    private static Argument<Guid> PlanId() => new("id") { Description = "Id of the plan." };
}
