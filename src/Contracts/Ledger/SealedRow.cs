namespace Suture.Contracts.Ledger;

/// <summary>A row of the ledger with its place in the chain. Every member but <see cref="Hash"/> is what the hash covers.</summary>
public sealed record SealedRow
{
    /// <summary>Place in the chain, from 1, without gaps. Rows are sealed in the order in which they became visible, which need not be that of <see cref="Sequence"/>.</summary>
    public required long Position { get; init; }

    /// <summary>Number that the store gave when the row was written; may have gaps.</summary>
    public required long Sequence { get; init; }

    /// <summary>When, to the microsecond.</summary>
    public required DateTimeOffset AtUtc { get; init; }

    /// <summary>Who.</summary>
    public required string Actor { get; init; }

    /// <summary>What.</summary>
    public required string Action { get; init; }

    /// <summary>To what.</summary>
    public required string Subject { get; init; }

    /// <summary>Details, JSON text.</summary>
    public required string Detail { get; init; }

    /// <summary>Group whose it is; null for the whole installation.</summary>
    public Guid? GroupId { get; init; }

    /// <summary>What <see cref="LedgerChain.Hash"/> gave when it was sealed: 64 lower-case hex digits.</summary>
    public required string Hash { get; init; }
}
