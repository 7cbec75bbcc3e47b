using System.Text.Json;
using Suture.Cli;
using Suture.Cli.Approvals;
using Suture.Cli.Commands;
using Suture.Cli.Ledger;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;

namespace Suture.Fuzz;

/// <summary>Files that people hand to the command line, and what a server shows them to sign or to verify.</summary>
internal static class PersonTargets
{
    private static readonly Guid Asked = Guid.Parse("01998888-0000-7000-8000-000000000002");

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("approver-key", input => Told(() => ApproverKeyFile.ReadPublic("anna", Scratch.Write(input)))),
        new("approver-file", input => Told(() => ApproversCommand.Read(ApproversCommand.ReadFile(Scratch.Write(input)), "set.json"))),
        new("checkpoints-file", input => Told(() => LedgerVerifyCommand.ReadCheckpoints(Scratch.Write(input)).Count())),
        new("ledger-rows", Rows),
        new("plan-to-sign", PlanToSign),
    ];

    private static long Rows(byte[] input)
    {
        try
        {
            if (JsonSerializer.Deserialize(input, ContractsJson.Default.PageSealedRow) is { } page)
            {
                var verifier = new LedgerVerifier([], new Dictionary<string, System.Security.Cryptography.ECDsa>());
                foreach (var row in page.Items)
                {
                    verifier.Add(row);
                }
                _ = verifier.End();
            }
        }
        catch (JsonException)
        {
            // As the client answers.
        }
        return 0;
    }

    // Head and, behind a zero byte, changes: the hash that the server names fits them.
    private static long PlanToSign(byte[] input)
    {
        var zero = input.AsSpan().IndexOf((byte)0);
        var (head, changes) = zero < 0 ? (input, []) : (input[..zero], input[(zero + 1)..]);
        var detail = Detail(ApprovedPlan.Digest(head)) with { ToSign = new ApprovedPlan { Head = Convert.ToBase64String(head), Changes = [Convert.ToBase64String(changes)] } };
        return Told(() => CheckedPlan.Of(detail, Asked));
    }

    private static PlanDetail Detail(string hash) => new()
    {
        Plan = new PlanRow
        {
            Id = Asked, Hash = hash, State = PlanState.WaitingApproval, Title = "", Author = "", Rule = "", CreatedUtc = DateTimeOffset.UnixEpoch, Assets = 1, Findings = 1, RiskPerDay = 0,
        },
        Changes = [], Jobs = [],
    };

    // What is wrong with a person's file is said to them.
    private static long Told<T>(Func<T> read)
    {
        try
        {
            _ = read();
        }
        catch (CliException)
        {
            // What it answers.
        }
        return 0;
    }
}
