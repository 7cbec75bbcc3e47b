using System.Security.Cryptography;
using Suture.Contracts.Api;
using Suture.Contracts.Ledger;

namespace Suture.Cli.Tests.Server;

/// <summary>A sealed ledger of three rows, signed after the second and the third, and one row that waits.</summary>
internal static class SampleLedger
{
    internal static ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    internal static IReadOnlyList<SealedRow> Rows { get; } = Chain();

    internal static LedgerCheckpoints Checkpoints { get; } = new()
    {
        Keys = new Dictionary<string, string> { [Checkpoint.KeyIdOf(Key)] = Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo()) },
        Checkpoints = [.. Rows.Skip(1).Select(row => Checkpoint.Sign(row.Position, Convert.FromHexString(row.Hash), Sample.At(24, 9), Key))],
        Unsealed = 1,
        OldestUnsealedUtc = Sample.At(24, 10),
    };

    private static List<SealedRow> Chain()
    {
        var rows = new List<SealedRow>();
        var previous = LedgerChain.Start.ToArray();
        foreach (var (actor, action, subject) in new[] { ("server", "server.first-user", "user:admin"), ("user:anna", "plan.approved", "plan:7"), ("server", "job.signed", "job:9") })
        {
            var row = new SealedRow { Position = rows.Count + 1, Sequence = rows.Count + 1, AtUtc = Sample.At(24, 8), Actor = actor, Action = action, Subject = subject, Detail = "{}", Hash = "" };
            previous = LedgerChain.Hash(previous, row);
            rows.Add(row with { Hash = Convert.ToHexStringLower(previous) });
        }
        return rows;
    }
}
