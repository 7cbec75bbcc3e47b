namespace Suture.Advisories;

/// <summary>What is recorded of a feed.</summary>
internal sealed record FeedState
{
    public required string Name { get; init; }

    public string? Url { get; init; }

    public int Records { get; init; }

    /// <summary>ISO day of the content as the publisher states it.</summary>
    public string? ContentDay { get; init; }

    /// <summary>Version of the publisher's model; for a signed suite the instant of its signature.</summary>
    public string? ContentVersion { get; init; }

    public string? Etag { get; init; }

    public string? LastModified { get; init; }

    public DateTimeOffset? AttemptedUs { get; init; }

    public DateTimeOffset? SucceededUs { get; init; }

    /// <summary>Why the last try was refused; null when it went well.</summary>
    public string? Problem { get; init; }

    /// <summary>True for a suite of the distribution's archive.</summary>
    internal bool IsSuite => Name.StartsWith(Knowledge.Feeds.FeedNames.DebianArchive + "/", StringComparison.Ordinal);

    /// <summary>For a signed suite: when what is in force was signed.</summary>
    internal DateTimeOffset? SignedUtc =>
        IsSuite && ContentVersion is { } text && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var instant) ? instant : null;
}
