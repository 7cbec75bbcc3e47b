using System.Security.Cryptography;
using CsCheck;
using Suture.Cli.Ledger;
using Suture.Contracts.Ledger;

namespace Suture.Cli.Tests.Ledger;

/// <summary>Whatever is done to the rows of a sealed ledger before its newest checkpoint is found.</summary>
public sealed class LedgerVerifierTests
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly string[] Kinds = ["alter", "remove", "swap", "cut", "recompute", "insert", "forge", "remove-some", "renumber", "zero-hash"];
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The bytes that are hashed, against hashes that were worked out with Python's hashlib and struct from the documentation of the chain.</summary>
    [Fact]
    public void TheChainIsTheDocumentedOne()
    {
        var first = LedgerChain.Hash(LedgerChain.Start, new SealedRow
        {
            Position = 1, Sequence = 1, AtUtc = Start, Actor = "user:anna", Action = "plan.approved", Subject = "plan:1", Detail = """{"why":"größer"}""", Hash = "",
        });
        var second = LedgerChain.Hash(first, new SealedRow
        {
            Position = 2, Sequence = 7, AtUtc = Start.AddMicroseconds(123_456), Actor = "server", Action = "job.signed", Subject = "job:2", Detail = "{}",
            GroupId = Guid.ParseExact("01020304000000000000000000000005", "N"), Hash = "",
        });

        Assert.Equal("6bb3c475eed12064525838c8c647b6557eaf3f4df39fda4d0d43618ba561c3c0", Convert.ToHexStringLower(first));
        Assert.Equal("5139db1397c7f93a8005bc34e55acde6d4eb019768aa579b4b0a5d0acba9fa54", Convert.ToHexStringLower(second));
    }

    [Fact]
    public void WhatWasSealedIsWhole()
    {
        var (rows, checkpoints) = Sealed(40);

        var verdict = Verify(rows, checkpoints);

        Assert.True(verdict.IsWhole);
        Assert.Equal((40, 40, checkpoints.Count, 40), (verdict.Rows, verdict.Position, verdict.Checkpoints, verdict.ProvedThrough));
    }

    [Fact]
    public void NothingSealedIsWhole() => Assert.True(Verify([], []).IsWhole);

    [Fact]
    public void WithoutACheckpointNothingIsProved() =>
        Assert.Equal([LedgerFaultKind.NoCheckpoint], Verify(Sealed(3).Rows, []).Faults.Select(fault => fault.Kind));

    [Fact]
    public void RowsBehindTheNewestCheckpointAreToldApart()
    {
        var (rows, checkpoints) = Sealed(12);

        var verdict = Verify(rows, [.. checkpoints.Where(each => each.Position <= 8)]);

        Assert.True(verdict.IsWhole);
        Assert.Equal((12, 8), (verdict.Position, verdict.ProvedThrough));
    }

    [Theory]
    [InlineData("alter", "Altered")]
    [InlineData("remove", "Missing")]
    [InlineData("swap", "Altered")]
    [InlineData("cut", "CutOff")]
    [InlineData("recompute", "Recomputed")]
    [InlineData("insert", "Recomputed")]
    [InlineData("forge", "Unsigned")]
    public void EachManipulationIsNamed(string what, string named)
    {
        var (rows, checkpoints) = Sealed(40);

        (rows, checkpoints) = Manipulate(what, 20, 25, 3, rows, checkpoints);

        Assert.Equal(named, $"{Verify(rows, checkpoints).Faults[0].Kind}");
    }

    [Fact]
    public void TenThousandRandomManipulationsAreAllFound() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, Kinds.Length - 1], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 7]).Sample(
            (length, kind, at, other, member) =>
            {
                var (rows, checkpoints) = Sealed(length);
                var (changed, shown) = Manipulate(Kinds[kind], at % length, other % length, member, rows, checkpoints);
                var isSame = changed.SequenceEqual(rows) && shown.SequenceEqual(checkpoints);
                return isSame == Verify(changed, shown).IsWhole;
            },
            iter: 10_000, threads: 1);

    /// <summary>A ledger with a checkpoint after every fourth row and after the last.</summary>
    private static (List<SealedRow> Rows, List<Checkpoint> Checkpoints) Sealed(int length)
    {
        var rows = Rechained(Enumerable.Range(1, length).Select(position => Row(position)), 0);
        return (rows, [.. rows.Where(row => row.Position % 4 == 0 || row.Position == length).Select(row => Checkpoint.Sign(row.Position, Convert.FromHexString(row.Hash), row.AtUtc, Key))]);
    }

    private static SealedRow Row(int position) => new()
    {
        Position = position, Sequence = position + 5, AtUtc = Start.AddSeconds(position), Actor = $"user:u{position % 3}", Action = "plan.approved", Subject = $"plan:{position}",
        Detail = $$"""{"n":{{position}}}""", GroupId = position % 2 == 0 ? new Guid(position, 0, 0, new byte[8]) : null, Hash = "",
    };

    /// <summary>What somebody with the store, but not with the key, can do to it.</summary>
    private static (List<SealedRow> Rows, List<Checkpoint> Checkpoints) Manipulate(string what, int at, int other, int member, List<SealedRow> rows, List<Checkpoint> checkpoints)
    {
        List<SealedRow> changed = [.. rows];
        switch (what)
        {
            case "alter":
                changed[at] = Altered(changed[at], member);
                break;
            case "recompute":
                changed[at] = Altered(changed[at], member);
                changed = Rechained(changed, at);
                break;
            case "remove":
                changed.RemoveAt(at);
                break;
            case "remove-some":
                changed.RemoveRange(at, Math.Min(1 + other, changed.Count - at));
                break;
            case "cut":
                changed.RemoveRange(at, changed.Count - at);
                break;
            case "swap":
                (changed[at], changed[other]) = (changed[other] with { Position = changed[at].Position }, changed[at] with { Position = changed[other].Position });
                break;
            case "insert":
                changed.Insert(at, Row(1000));
                changed = Rechained(changed.Select((row, index) => row with { Position = index + 1 }), at);
                break;
            case "renumber":
                changed.RemoveAt(at);
                changed = Rechained(changed.Select((row, index) => row with { Position = index + 1 }), at);
                break;
            case "zero-hash":
                changed[at] = changed[at] with { Hash = member % 2 == 0 ? "" : new string('0', 64) };
                break;
            case "forge":
                changed = Rechained([Altered(changed[0], member), .. changed.Skip(1)], 0);
                using (var own = ECDsa.Create(ECCurve.NamedCurves.nistP256))
                {
                    return (changed, [.. checkpoints.Select(each => Forged(each, changed, own))]);
                }
            default:
                throw new ArgumentOutOfRangeException(nameof(what), what, null);
        }
        return (changed, checkpoints);
    }

    // A checkpoint over the changed chain with a key of the forger's own, under the name of the real one.
    private static Checkpoint Forged(Checkpoint real, List<SealedRow> rows, ECDsa own) =>
        Checkpoint.Sign(real.Position, Convert.FromHexString(rows[(int)real.Position - 1].Hash), real.AtUtc, own) with { KeyId = real.KeyId };

    private static SealedRow Altered(SealedRow row, int member) => member switch
    {
        0 => row with { Actor = row.Actor + "x" },
        1 => row with { Action = "plan.rejected" },
        2 => row with { Subject = "plan:0" },
        3 => row with { Detail = "{}" },
        4 => row with { AtUtc = row.AtUtc.AddMicroseconds(1) },
        5 => row with { GroupId = row.GroupId is null ? new Guid(1, 0, 0, new byte[8]) : null },
        6 => row with { Sequence = row.Sequence + 1 },
        // What stands at a border between two members moves over it.
        _ => row with { Actor = row.Actor + row.Action[0], Action = row.Action[1..] },
    };

    private static List<SealedRow> Rechained(IEnumerable<SealedRow> rows, int from)
    {
        var chained = rows.ToList();
        for (var at = from; at < chained.Count; at++)
        {
            var previous = at == 0 ? LedgerChain.Start.ToArray() : Convert.FromHexString(chained[at - 1].Hash);
            chained[at] = chained[at] with { Hash = Convert.ToHexStringLower(LedgerChain.Hash(previous, chained[at])) };
        }
        return chained;
    }

    private static LedgerVerdict Verify(IReadOnlyList<SealedRow> rows, IReadOnlyList<Checkpoint> checkpoints)
    {
        var verifier = new LedgerVerifier(checkpoints, new Dictionary<string, ECDsa> { [Checkpoint.KeyIdOf(Key)] = Key });
        foreach (var row in rows.OrderBy(row => row.Position)) // as the server gives them
        {
            verifier.Add(row);
        }
        return verifier.End();
    }
}
