using Suture.Contracts.Api;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds;

/// <summary>All feeds in force, as matching and ranking read them. Immutable; safe for any number of readers.</summary>
/// <remarks><see cref="FeedSnapshotBuilder"/> makes one from the contents of feeds; <see cref="CompiledSnapshot"/> is its form in memory and in a memory-mapped file.</remarks>
public abstract class FeedSnapshot
{
    /// <summary>SHA-256 over the content it was made from; 64 lower-case hex digits. Equal content, equal digest.</summary>
    public abstract string Digest { get; }

    /// <summary>Feeds it was made from, ordered by name.</summary>
    public abstract IReadOnlyList<FeedAge> Feeds { get; }

    /// <summary>Releases that some advisory feed speaks of; ordered, unique.</summary>
    public abstract IReadOnlyList<string> Releases { get; }

    /// <summary>True when some advisory feed speaks of the release; false makes every package of it <c>unknown</c>.</summary>
    /// <param name="release">Codename.</param>
    public abstract bool Covers(string release);

    /// <summary>Fixes of one source in one release: one entry a vulnerability, each with all records that speak of it.</summary>
    /// <param name="release">Codename.</param>
    /// <param name="source">Source package.</param>
    /// <returns>Ordered by fixed version ascending (Debian order), then vulnerability; empty when there are none.</returns>
    public abstract IReadOnlyList<SourceFix> FixesOf(string release, string source);

    /// <summary>Sources that have fixes in a release; ordered, unique.</summary>
    /// <param name="release">Codename.</param>
    public abstract IReadOnlyList<string> SourcesOf(string release);

    /// <summary>What is known of one CVE.</summary>
    /// <param name="vulnerability">CVE id.</param>
    /// <returns>Never null: a CVE that no feed speaks of comes back with null signals.</returns>
    public abstract Vulnerability Find(string vulnerability);
}

/// <summary>One vulnerability of one source in one release.</summary>
/// <param name="Vulnerability">CVE, unrated or unread id.</param>
/// <param name="FixedVersion">The highest fixed version any record gives (design decision 5).</param>
/// <param name="Records">All records; the one that gives <paramref name="FixedVersion"/> first.</param>
public sealed record SourceFix(string Vulnerability, string FixedVersion, IReadOnlyList<FixRecord> Records)
{
    /// <summary>True when it is a security update that names no CVE.</summary>
    public bool IsUnrated => Records[0].IsUnrated;

    /// <summary>True when it is a security update whose changelog is not read, so that it is not known which CVEs it fixes.</summary>
    public bool IsUnread => Records[0].IsUnread;
}
