namespace Suture.Contracts.Api;

/// <summary>A feed's state.</summary>
public sealed record FeedRow
{
    /// <summary>Feed.</summary>
    public required string Feed { get; init; }

    /// <summary>Where it is read from; null when it was imported by hand.</summary>
    public string? Url { get; init; }

    /// <summary>Records in force.</summary>
    public required int Records { get; init; }

    /// <summary>Date of the content in force; null when not stated.</summary>
    public DateOnly? ContentDate { get; init; }

    /// <summary>Last time it was read well; null when never.</summary>
    public DateTimeOffset? LastSuccessUtc { get; init; }

    /// <summary>Last time it was tried; null when never.</summary>
    public DateTimeOffset? LastAttemptUtc { get; init; }

    /// <summary>Why the last try was refused (feed, line, reason), or why nothing could be fetched; null when it went well.</summary>
    public string? Problem { get; init; }

    /// <summary>True when <see cref="Problem"/> is that its address could not be read: no content was refused.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>Version of the publisher's model; null when it has none.</summary>
    public string? Version { get; init; }
}
