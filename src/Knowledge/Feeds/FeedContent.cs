using Suture.Contracts.Api;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds;

/// <summary>Validated content of one feed: what a snapshot is built from, and what stays in force when newer content is refused.</summary>
public abstract record FeedContent
{
    /// <summary>Name of the feed, see <see cref="FeedNames"/>.</summary>
    public required string Feed { get; init; }

    /// <summary>Date of the content as the publisher states it; null when it does not.</summary>
    public required DateOnly? ContentDate { get; init; }

    /// <summary>Version of the publisher's model; null when it has none.</summary>
    public string? Version { get; init; }

    /// <summary>Records, at least 0.</summary>
    public abstract int Records { get; }

    /// <summary>Day by which one of two deliveries is the newer; null when not known.</summary>
    internal virtual DateOnly? AsOf => ContentDate;

    /// <summary>The age as answers show it.</summary>
    public FeedAge ToAge() => new() { Feed = Feed, ContentDate = ContentDate, Records = Records, Version = Version };
}

/// <summary>Fix records of one publisher: advisories or the archive itself.</summary>
public sealed record FixContent : FeedContent
{
    /// <summary>The records, in any order.</summary>
    public required IReadOnlyList<FixRecord> Fixes { get; init; }

    /// <summary>Releases the publisher speaks of, also those without a fix.</summary>
    public required IReadOnlyCollection<string> Releases { get; init; }

    /// <summary>Advisories or index entries the records come from.</summary>
    public required int Advisories { get; init; }

    /// <inheritdoc/>
    public override int Records => Advisories;
}

/// <summary>The KEV catalogue.</summary>
public sealed record KevContent : FeedContent
{
    /// <summary>Entries by CVE id.</summary>
    public required IReadOnlyDictionary<string, KevEntry> Entries { get; init; }

    /// <inheritdoc/>
    public override int Records => Entries.Count;
}

/// <summary>EPSS scores of one day; <see cref="FeedContent.ContentDate"/> is that day and <see cref="FeedContent.Version"/> the model.</summary>
public sealed record EpssContent : FeedContent
{
    /// <summary>Scores by CVE id; all carry the same model version.</summary>
    public required IReadOnlyDictionary<string, EpssScore> Scores { get; init; }

    /// <inheritdoc/>
    public override int Records => Scores.Count;
}

/// <summary>What a feed tells about one CVE. Null members are not told.</summary>
public sealed record CveFacts
{
    /// <summary>CVE id.</summary>
    public required string Id { get; init; }

    /// <summary>When it was published.</summary>
    public Signal<DateOnly>? Published { get; init; }

    /// <summary>CVSS base score, the newest version told.</summary>
    public Signal<CvssScore>? Cvss { get; init; }

    /// <summary>CISA's SSVC points.</summary>
    public Signal<SsvcPoints>? Ssvc { get; init; }

    /// <summary>Weakness.</summary>
    public Signal<string>? Cwe { get; init; }

    /// <summary>What it is, in English.</summary>
    public string? Description { get; init; }
}

/// <summary>Facts about CVEs from one feed.</summary>
public sealed record CveContent : FeedContent
{
    /// <summary>Facts; one entry a CVE.</summary>
    public required IReadOnlyList<CveFacts> Cves { get; init; }

    /// <inheritdoc/>
    public override int Records => Cves.Count;
}

/// <summary>Exploit evidence of all lists together.</summary>
public sealed record ExploitContent : FeedContent
{
    /// <summary>Evidence by CVE id, strongest first; one entry a kind.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<Signal<ExploitEvidence>>> Evidence { get; init; }

    /// <inheritdoc/>
    public override int Records => Evidence.Count;
}
