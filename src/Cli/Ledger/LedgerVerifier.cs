using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Suture.Contracts;
using Suture.Contracts.Ledger;

namespace Suture.Cli.Ledger;

/// <summary>Works out the ledger's chain again, row by row, and holds it against checkpoints. Trusts the server in nothing but the rows themselves.</summary>
/// <remarks>What a row says and where it stands is found changed by the chain alone, unless somebody worked out the whole chain behind the change again; that is found by any checkpoint that was
/// signed after the changed row. Rows behind the newest checkpoint are proved by nothing.</remarks>
internal sealed class LedgerVerifier
{
    /// <summary>Faults that are told one by one; more are counted.</summary>
    public const int FaultsMax = 20;

    private readonly IReadOnlyDictionary<string, ECDsa> _keys;
    private readonly ILookup<long, Checkpoint> _checkpoints;
    private readonly List<LedgerFault> _faults = [];
    private byte[] _previous = LedgerChain.Start.ToArray();
    private int _faultCount;
    private long _position;
    private long _rows;
    private int _agreeing;
    private Checkpoint? _last;

    /// <summary>Begins.</summary>
    /// <param name="checkpoints">From wherever they are kept; repetitions count once.</param>
    /// <param name="keys">Public keys that may sign them, by id.</param>
    public LedgerVerifier(IEnumerable<Checkpoint> checkpoints, IReadOnlyDictionary<string, ECDsa> keys)
    {
        _keys = keys;
        _checkpoints = checkpoints.Distinct().Where(IsSigned).ToLookup(checkpoint => checkpoint.Position);
    }

    /// <summary>Takes the next row, in the order of positions.</summary>
    public void Add(SealedRow row)
    {
        if (row.Position <= _position)
        {
            Fault(LedgerFaultKind.OutOfOrder, row.Position, $"comes after position {_position}");
            return;
        }
        if (row.Position > _position + 1)
        {
            var missing = row.Position - _position - 1;
            Fault(LedgerFaultKind.Missing, _position + 1, missing == 1 ? "this row is gone" : $"{missing} rows are gone, up to position {row.Position - 1}");
        }
        // Behind a gap the row before is not there to chain to: its own hash is the best that is known, and the gap is told already.
        var isChained = row.Position == _position + 1;
        if (isChained && Convert.ToHexStringLower(LedgerChain.Hash(_previous, row)) != row.Hash)
        {
            Fault(LedgerFaultKind.Altered, row.Position, $"row {row.Sequence}, '{row.Action}' of {row.Subject}, is not what was sealed");
        }
        Compare(row);
        _previous = HashOf(row);
        _position = row.Position;
        _rows++;
    }

    /// <summary>What was found, once all rows are in.</summary>
    public LedgerVerdict End()
    {
        foreach (var beyond in _checkpoints.Where(at => at.Key > _position).SelectMany(at => at).OrderBy(checkpoint => checkpoint.Position).TakeLast(1))
        {
            Fault(LedgerFaultKind.CutOff, _position + 1, $"the ledger ends at position {_position}; a checkpoint of {beyond.AtUtc:yyyy-MM-dd HH:mm:ss}Z goes to {beyond.Position}");
        }
        if (_rows > 0 && _agreeing == 0 && _faultCount == 0)
        {
            Fault(LedgerFaultKind.NoCheckpoint, _position, "no signed checkpoint was there to compare with: a chain that was worked out anew as a whole would look the same");
        }
        return new LedgerVerdict
        {
            IsWhole = _faultCount == 0, Rows = _rows, Position = _position, Checkpoints = _agreeing, ProvedThrough = _last?.Position ?? 0, ProvedAtUtc = _last?.AtUtc,
            Faults = _faults, FaultCount = _faultCount,
        };
    }

    private bool IsSigned(Checkpoint checkpoint)
    {
        var isSigned = _keys.TryGetValue(checkpoint.KeyId, out var key) && checkpoint.Position > 0 && checkpoint.IsSignedBy(key);
        if (!isSigned)
        {
            Fault(LedgerFaultKind.Unsigned, checkpoint.Position, key is null
                ? $"a checkpoint of {checkpoint.AtUtc:yyyy-MM-dd HH:mm:ss}Z is signed by key {checkpoint.KeyId}, which is not known here"
                : $"a checkpoint of {checkpoint.AtUtc:yyyy-MM-dd HH:mm:ss}Z has no valid signature of its key");
        }
        return isSigned;
    }

    private void Compare(SealedRow row)
    {
        foreach (var checkpoint in _checkpoints[row.Position])
        {
            if (checkpoint.Hash != row.Hash)
            {
                Fault(LedgerFaultKind.Recomputed, row.Position, $"a checkpoint of {checkpoint.AtUtc:yyyy-MM-dd HH:mm:ss}Z was signed over another chain: this row or one before it was changed and the chain worked out anew");
                continue;
            }
            _agreeing++;
            _last = checkpoint;
        }
    }

    private void Fault(LedgerFaultKind kind, long position, string detail)
    {
        _faultCount++;
        if (_faults.Count < FaultsMax)
        {
            _faults.Add(new LedgerFault { Kind = kind, Position = position, Detail = detail });
        }
    }

    private static byte[] HashOf(SealedRow row)
    {
        try
        {
            return Convert.FromHexString(row.Hash);
        }
        catch (FormatException)
        {
            return []; // told as altered already, and so is the next row
        }
    }
}

/// <summary>What is wrong at a place of the chain.</summary>
[JsonConverter(typeof(SnakeCase<LedgerFaultKind>))]
internal enum LedgerFaultKind
{
    /// <summary>A row does not have the hash that it was sealed with.</summary>
    Altered = 1,
    /// <summary>Rows are gone.</summary>
    Missing = 2,
    /// <summary>A row stands where it must not.</summary>
    OutOfOrder = 3,
    /// <summary>The chain is whole in itself, and not the one that was signed.</summary>
    Recomputed = 4,
    /// <summary>Rows at the end are gone.</summary>
    CutOff = 5,
    /// <summary>A checkpoint is not signed by a known key.</summary>
    Unsigned = 6,
    /// <summary>There was nothing to compare with.</summary>
    NoCheckpoint = 7,
}

/// <summary>One fault.</summary>
internal sealed record LedgerFault
{
    /// <summary>What.</summary>
    public required LedgerFaultKind Kind { get; init; }

    /// <summary>Where in the chain.</summary>
    public required long Position { get; init; }

    /// <summary>For people.</summary>
    public required string Detail { get; init; }
}

/// <summary>What verifying found.</summary>
internal sealed record LedgerVerdict
{
    /// <summary>True when no fault was found.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>Sealed rows that were read.</summary>
    public required long Rows { get; init; }

    /// <summary>Position of the last.</summary>
    public required long Position { get; init; }

    /// <summary>Checkpoints that agree.</summary>
    public required int Checkpoints { get; init; }

    /// <summary>Position of the last checkpoint that agrees: what is behind it is proved by nothing yet.</summary>
    public required long ProvedThrough { get; init; }

    /// <summary>When that checkpoint was signed; null when none agrees.</summary>
    public DateTimeOffset? ProvedAtUtc { get; init; }

    /// <summary>Faults, the first twenty.</summary>
    public required IReadOnlyList<LedgerFault> Faults { get; init; }

    /// <summary>Faults in all.</summary>
    public required int FaultCount { get; init; }

    /// <summary>Rows that the server has not sealed yet.</summary>
    public int Unsealed { get; init; }

    /// <summary>When the oldest of them was written; null when all are sealed.</summary>
    public DateTimeOffset? OldestUnsealedUtc { get; init; }

    /// <summary>True when the key that checkpoints were verified with was given; false when it is the server's own word.</summary>
    public bool IsKeyGiven { get; init; }
}
