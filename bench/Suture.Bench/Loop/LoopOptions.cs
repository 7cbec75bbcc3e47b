namespace Suture.Bench.Loop;

/// <summary>What <c>bench loop</c> shall do.</summary>
internal sealed record LoopOptions
{
    /// <summary>Most endpoints; each is a TLS connection and a file of keys in memory.</summary>
    public const int AgentsMax = 500;

    /// <summary>Most reports of one run.</summary>
    public const int ReportsMax = 100_000;

    /// <summary>Most reports that are on their way at the same time.</summary>
    public const int AtOnceMax = 64;

    /// <summary>Most KEV entries of one run.</summary>
    public const int KevEntriesMax = 100;

    /// <summary>Endpoints, 1 to <see cref="AgentsMax"/>.</summary>
    public required int Agents { get; init; }

    /// <summary>Reports that are timed, 1 to <see cref="ReportsMax"/>.</summary>
    public required int Reports { get; init; }

    /// <summary>Reports on their way at the same time, 1 to <see cref="AtOnceMax"/> and at most one an endpoint.</summary>
    public required int AtOnce { get; init; }

    /// <summary>KEV entries that are timed, one after the other, 1 to <see cref="KevEntriesMax"/>.</summary>
    public required int KevEntries { get; init; }

    /// <summary>Folder of feeds; null makes a list from the machine's own indexes.</summary>
    public string? FeedsDirectory { get; init; }

    /// <summary>Connection string of an empty PostgreSQL database; null for SQLite.</summary>
    public string? Store { get; init; }

    /// <summary>True writes JSON instead of a table.</summary>
    public required bool IsJson { get; init; }
}
