using Suture.Collect.Dpkg;
using Suture.Contracts.Inventory;

namespace Suture.Collect.Apt;

/// <summary>Whose package it is and how that is known.</summary>
/// <param name="Kind">Whose.</param>
/// <param name="Basis">How known.</param>
/// <param name="Label">The repository in words; null when not known.</param>
internal sealed record OriginVerdict(OriginKind Kind, OriginBasis Basis, string? Label);

/// <summary>What speaks for an origin.</summary>
internal sealed record OriginEvidence
{
    /// <summary>The installed package.</summary>
    public required StatusEntry Package { get; init; }

    /// <summary><c>ID</c> of <c>os-release</c>.</summary>
    public required string Distribution { get; init; }

    /// <summary>What the indexes offer under its name.</summary>
    public required IReadOnlyList<Offer> Offers { get; init; }

    /// <summary>What an earlier report saw; null when nothing.</summary>
    public RememberedOrigin? Remembered { get; init; }

    /// <summary>The distribution's indexes were read.</summary>
    public required bool HasDistributionIndex { get; init; }

    /// <summary>They have some binary of its source.</summary>
    public required bool IsSourceInDistribution { get; init; }

    /// <summary>Every repository configured is the distribution's; null when that could not be read.</summary>
    public required bool? IsOnlyDistributionConfigured { get; init; }

    /// <summary>Versions of the package that apt's and dpkg's logs speak of; null when they were not read.</summary>
    public IReadOnlyCollection<string>? History { get; init; }
}

/// <summary>Decides the origin of an installed package (design decision 5): observed, else remembered, else inferred; only contradicting evidence makes it unknown.</summary>
internal static class OriginDecision
{
    /// <summary>Decides.</summary>
    /// <remarks>
    /// 1. Observed: name, version and architecture stand in an index. The distribution's goes before another's: a mirror may repeat it, and the advisories then speak of it.
    /// 2. Remembered: an earlier report saw it in one.
    /// 3. Inferred: a version that marks itself as another's is another's. A name that only others offer is theirs, unless the version is of the distribution's form.
    ///    A name that both offer follows the version's form, then the upstream version that one side offers, then the logs; else it is unknown.
    ///    Otherwise it is the distribution's when its indexes know the source, or the version has its form, or its maintainer is the distribution's and (where there are
    ///    indexes) nothing but the distribution is configured. Without indexes the rest is unknown here; feeds may know the source (Knowledge, <c>OriginByFeeds</c>).
    /// </remarks>
    public static OriginVerdict Decide(OriginEvidence evidence)
    {
        if (Observe(evidence) is { } observed)
        {
            return observed;
        }
        if (evidence.Remembered is { } memory)
        {
            return new OriginVerdict(memory.Kind, OriginBasis.Remembered, memory.Label);
        }
        var form = VersionForms.Of(evidence.Package.Version, evidence.Distribution);
        var ours = evidence.Offers.Where(offer => offer.Release.IsOf(evidence.Distribution)).ToArray();
        var theirs = evidence.Offers.Where(offer => !offer.Release.IsOf(evidence.Distribution)).ToArray();
        if (form == VersionForm.ThirdParty)
        {
            return Inferred(OriginKind.ThirdParty);
        }
        if (theirs.Length > 0)
        {
            return ours.Length == 0
                ? form == VersionForm.Distribution ? Inferred(OriginKind.Unknown) : Inferred(OriginKind.ThirdParty, theirs[0].Release.Words)
                : Inferred(form == VersionForm.Distribution ? OriginKind.Distribution : BetweenBoth(evidence, ours, theirs));
        }
        return Inferred(ours.Length > 0 || form == VersionForm.Distribution || IsPlausible(evidence) ? OriginKind.Distribution : OriginKind.Unknown);
    }

    /// <summary>True when only the logs can tell, so that they are read for few packages.</summary>
    public static bool NeedsHistory(OriginEvidence evidence) =>
        evidence.History is null
        && Decide(evidence) is { Kind: OriginKind.Unknown, Basis: OriginBasis.Inferred }
        && evidence.Offers.Any(offer => offer.Release.IsOf(evidence.Distribution));

    private static OriginVerdict? Observe(OriginEvidence evidence)
    {
        var release = evidence.Offers
            .Where(offer => offer.Entry.Version == evidence.Package.Version && offer.Entry.Architecture == evidence.Package.Architecture)
            .Select(offer => offer.Release)
            .OrderByDescending(release => release.IsOf(evidence.Distribution))
            .ThenByDescending(release => release.IsSecurityOf(evidence.Distribution))
            .ThenBy(release => release.Words, StringComparer.Ordinal)
            .FirstOrDefault();
        return release is null
            ? null
            : new OriginVerdict(release.IsOf(evidence.Distribution) ? OriginKind.Distribution : OriginKind.ThirdParty, OriginBasis.Observed, release.Words);
    }

    private static OriginKind BetweenBoth(OriginEvidence evidence, Offer[] ours, Offer[] theirs)
    {
        var upstream = VersionForms.UpstreamOf(evidence.Package.Version);
        var likeOurs = ours.Any(offer => VersionForms.UpstreamOf(offer.Entry.Version) == upstream);
        var likeTheirs = theirs.Any(offer => VersionForms.UpstreamOf(offer.Entry.Version) == upstream);
        if (likeOurs != likeTheirs)
        {
            return likeOurs ? OriginKind.Distribution : OriginKind.ThirdParty;
        }
        var forms = (evidence.History ?? []).Select(version => VersionForms.Of(version, evidence.Distribution)).ToHashSet();
        return (forms.Contains(VersionForm.Distribution), forms.Contains(VersionForm.ThirdParty)) switch
        {
            (true, false) => OriginKind.Distribution,
            (false, true) => OriginKind.ThirdParty,
            _ => OriginKind.Unknown,
        };
    }

    private static bool IsPlausible(OriginEvidence evidence) => evidence.HasDistributionIndex
        ? evidence.IsSourceInDistribution || (evidence.Package.HasDebianMaintainer && evidence.IsOnlyDistributionConfigured == true)
        : evidence.Package.HasDebianMaintainer;

    private static OriginVerdict Inferred(OriginKind kind, string? label = null) => new(kind, OriginBasis.Inferred, label);
}
