using System.Globalization;
using Suture.Contracts.Api;

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

    /// <summary>Digest of the compiled content; null for a suite of the archive, and before anything was taken.</summary>
    public string? Digest { get; init; }

    public string? Etag { get; init; }

    public string? LastModified { get; init; }

    public DateTimeOffset? AttemptedUs { get; init; }

    public DateTimeOffset? SucceededUs { get; init; }

    /// <summary>Why the last try was refused; null when it went well.</summary>
    public string? Problem { get; init; }

    /// <summary>True for a suite of the distribution's archive.</summary>
    internal bool IsSuite => Name.StartsWith(Knowledge.Feeds.FeedNames.DebianArchive + "/", StringComparison.Ordinal);

    /// <summary>As answers show it.</summary>
    internal FeedRow ToRow() => new()
    {
        Feed = Name,
        Url = Url,
        Records = Records,
        ContentDate = ContentDay is null ? null : DateOnly.ParseExact(ContentDay, "O", CultureInfo.InvariantCulture),
        LastSuccessUtc = SucceededUs,
        LastAttemptUtc = AttemptedUs,
        Problem = Problem,
        Version = SignedUtc is null ? ContentVersion : null,
    };

    /// <summary>For a signed suite: when what is in force was signed.</summary>
    internal DateTimeOffset? SignedUtc =>
        IsSuite && ContentVersion is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var instant) ? instant : null;
}
