namespace Suture.Contracts.Api;

/// <summary>A row of the ledger.</summary>
public sealed record LedgerRow
{
    /// <summary>Number that the store gave; may have gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset AtUtc { get; init; }

    /// <summary>Who: <c>user:anna</c>, <c>policy</c>, <c>agent:ID</c>, <c>server</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>What: <c>plan.approved</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what: <c>plan:ID</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>Details, JSON text.</summary>
    public required string Detail { get; init; }

    /// <summary>Group of the asset it is about; null when it is of the whole installation. A fact about several groups has a row for each.</summary>
    public string? Group { get; init; }
}

/// <summary>How far the ledger is sealed, and what was signed of it outside of the store.</summary>
public sealed record LedgerCheckpoints
{
    /// <summary>Keys that signed, each as base64 of its SubjectPublicKeyInfo, by id. Compare with a key that was kept elsewhere: a server that lies gives its own.</summary>
    public required IReadOnlyDictionary<string, string> Keys { get; init; }

    /// <summary>Checkpoints as the server's file has them, oldest first; the newest 10,000.</summary>
    public required IReadOnlyList<Ledger.Checkpoint> Checkpoints { get; init; }

    /// <summary>Rows that are not sealed yet.</summary>
    public required int Unsealed { get; init; }

    /// <summary>When the oldest of them was written; null when all are sealed. More than some ten seconds ago: the sealer stands still.</summary>
    public DateTimeOffset? OldestUnsealedUtc { get; init; }
}

/// <summary>How the ledger stands.</summary>
public sealed record LedgerState
{
    /// <summary>Position of the last sealed row; 0 when none is.</summary>
    public required long Position { get; init; }

    /// <summary>When the newest checkpoint was signed; null when none was.</summary>
    public DateTimeOffset? CheckpointUtc { get; init; }

    /// <summary>Signed checkpoints, kept outside of the store, that the store's ledger does not agree with: it was changed, cut, or an older copy was put back.</summary>
    public required int Contradictions { get; init; }

    /// <summary>When the last of them was found; null when none was.</summary>
    public DateTimeOffset? ContradictedUtc { get; init; }
}
