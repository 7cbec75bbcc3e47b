namespace Suture.Contracts.Api;

/// <summary>A row of the ledger.</summary>
public sealed record LedgerRow
{
    /// <summary>Position, from 1, without gaps once sealed.</summary>
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
