namespace Suture.Advisories;

/// <summary>What is recorded of an address that a part of a feed is fetched from.</summary>
internal sealed record SourceState
{
    public required string Feed { get; init; }

    public required string Part { get; init; }

    public required string Url { get; init; }

    /// <summary>SHA-256 of the bytes that the validators speak of; null before anything was taken.</summary>
    public string? Digest { get; init; }

    public string? Etag { get; init; }

    public string? LastModified { get; init; }

    public DateTimeOffset? AttemptedUs { get; init; }

    public DateTimeOffset? SucceededUs { get; init; }

    /// <summary>Why the last try was refused; null when it went well.</summary>
    public string? Problem { get; init; }
}
