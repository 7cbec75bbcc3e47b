using System.Text.Json.Serialization;
using Suture.Contracts.Inventory;

namespace Suture.Contracts.Api;

/// <summary>State of a finding (glossary).</summary>
[JsonConverter(typeof(SnakeCase<FindingStatus>))]
public enum FindingStatus
{
    /// <summary>The installed version is below the fixed one, or the running kernel is.</summary>
    Affected = 1,
    /// <summary>Fixed on disk; old code still runs.</summary>
    PendingEffect = 2,
    /// <summary>Installed and in effect.</summary>
    Fixed = 3,
    /// <summary>The publisher, or a person with a reason, says it does not apply.</summary>
    NotAffected = 4,
    /// <summary>Accepted by a person until a date.</summary>
    Accepted = 5,
    /// <summary>Cannot be known; the reason says why.</summary>
    Unknown = 6,
}

/// <summary>An asset has a vulnerability through a package.</summary>
public sealed record Finding
{
    /// <summary>CVE id; <c>UNRATED-source-version</c> for a security update that names none; <c>UNREAD-source-version</c> for one whose changelog is not read, so that
    /// it is not known which CVEs it closes: its status is <see cref="FindingStatus.Unknown"/>.</summary>
    public required string Vulnerability { get; init; }

    /// <summary>True for a security update that names no CVE.</summary>
    public bool IsUnrated { get; init; }

    /// <summary>Binary package.</summary>
    public required string Package { get; init; }

    /// <summary>Architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>Package URL of the binary package as it is installed, <c>pkg:deb/debian/libssl3@3.0.16-1~deb12u1?arch=amd64&amp;distro=bookworm</c>; null when it is
    /// not installed any more, or the release is not known.</summary>
    public string? Purl { get; init; }

    /// <summary>Source package.</summary>
    public required string Source { get; init; }

    /// <summary>Source version on the asset; for a kernel the running one.</summary>
    public required string InstalledVersion { get; init; }

    /// <summary>Lowest source version that closes it: the highest that any advisory of the release gives.</summary>
    public required string FixedVersion { get; init; }

    /// <summary>State.</summary>
    public required FindingStatus Status { get; init; }

    /// <summary>What is still to be done when <see cref="FindingStatus.PendingEffect"/>: <c>restart nginx.service</c> or <c>reboot</c>; null otherwise.</summary>
    public string? Action { get; init; }

    /// <summary>Processes that hold it open when <see cref="FindingStatus.PendingEffect"/>; empty otherwise.</summary>
    public IReadOnlyList<OutdatedProcess> Processes { get; set => field = ListOf.Whole(value); } = [];

    /// <summary>The risk with its reasons; null until ranked.</summary>
    public RiskScore? Risk { get; init; }

    /// <summary>Deadline with the rule that set it; null when none applies.</summary>
    public Deadline? Deadline { get; init; }

    /// <summary>What shows it: at least one record, the deciding one first.</summary>
    public required IReadOnlyList<FindingEvidence> Evidence { get; init; }

    /// <summary>Asset it is on; null in a scan, which is of one machine.</summary>
    public Guid? Asset { get; init; }

    /// <summary>Name of that asset; null in a scan.</summary>
    public string? AssetName { get; init; }

    /// <summary>Last sign of life of that asset when it has been silent for longer than the limit: what is known of it may no longer hold. Null otherwise, and in a
    /// scan.</summary>
    public DateTimeOffset? SilentSinceUtc { get; init; }
}

/// <summary>One feed record that a finding rests on.</summary>
public sealed record FindingEvidence
{
    /// <summary>Feed, <c>debian-dsa</c>, <c>debian-archive</c>.</summary>
    public required string Feed { get; init; }

    /// <summary>Date of the feed's content.</summary>
    public DateOnly? FeedDate { get; init; }

    /// <summary>The advisory or changelog entry, <c>DSA-5865-1</c> or <c>openssl 3.0.17-1~deb12u2</c>.</summary>
    public required string Record { get; init; }

    /// <summary>Date of the record.</summary>
    public DateOnly? Published { get; init; }

    /// <summary>The comparison made, <c>openssl 3.0.16-1~deb12u1 &lt; 3.0.17-1~deb12u2 (bookworm)</c>.</summary>
    public required string Rule { get; init; }
}

/// <summary>Expected harm per day with its reasons.</summary>
public sealed record RiskScore
{
    /// <summary>Expected exploitations a day times the stated weight of the asset; at least 0, comparable between findings.</summary>
    public required double PerDay { get; init; }

    /// <summary>Chance of exploitation of the vulnerability within 30 days, 0 to 1.</summary>
    public required double Likelihood { get; init; }

    /// <summary>Parts of the likelihood's log-odds; they sum to it exactly. Largest effect first.</summary>
    public required IReadOnlyList<RiskReason> Reasons { get; init; }

    /// <summary>Factors of the asset by stated policy; their product times the daily rate is <see cref="PerDay"/>.</summary>
    public required IReadOnlyList<RiskFactor> Factors { get; init; }

    /// <summary>Version of the model that computed it.</summary>
    public required string Model { get; init; }

    /// <summary>True when the vulnerability is critical by the glossary's rule.</summary>
    public bool IsCritical { get; init; }
}

/// <summary>One part of the likelihood.</summary>
public sealed record RiskReason
{
    /// <summary>Signal, <c>epss-percentile</c>.</summary>
    public required string Signal { get; init; }

    /// <summary>What it says, for people: the claim first, details in parentheses, <c>EPSS 97th percentile (0.9731, score 0.12, model v5)</c>.</summary>
    public required string Text { get; init; }

    /// <summary>Points added to the log-odds.</summary>
    public required double Points { get; init; }

    /// <summary>Where it is from; null for the base rate.</summary>
    public string? Source { get; init; }

    /// <summary>Date of the value itself, such as the day an entry was added; null when not dated.</summary>
    public DateOnly? Date { get; init; }

    /// <summary>Date of the content of the feed that told it; null when not dated.</summary>
    public DateOnly? FeedDate { get; init; }
}

/// <summary>One stated factor of the asset.</summary>
public sealed record RiskFactor
{
    /// <summary>Name, <c>internet-facing</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it says, for people.</summary>
    public required string Text { get; init; }

    /// <summary>Multiplier, above 0; 1 changes nothing.</summary>
    public required double Multiplier { get; init; }

    /// <summary>True when the fact was not known and the stated default was taken.</summary>
    public bool IsAssumed { get; init; }
}

/// <summary>Until when it must be fixed.</summary>
public sealed record Deadline
{
    /// <summary>Date it is due; null when the rule says "on the next system upgrade".</summary>
    public DateOnly? Due { get; init; }

    /// <summary>Days that the row of CISA BOD 26-04 gives by <see cref="Facts"/>; null for "on the next system upgrade".</summary>
    public int? Days { get; init; }

    /// <summary>The rule that set the date, <c>CISA BOD 26-04 row 15</c>, or <c>CISA KEV due date</c> where the catalogue's own date is earlier.</summary>
    public required string Rule { get; init; }

    /// <summary>The facts it was decided on, <c>in KEV: yes, publicly exposed: yes (assumed), automatable: no, technical impact: total</c>.</summary>
    public required string Facts { get; init; }

    /// <summary>True when the date rests on a fact that was unknown and whose stated assumption was taken (the worse where exposure is concerned);
    /// <see cref="Facts"/> marks which. A date that the KEV catalogue itself sets rests on none.</summary>
    public required bool IsAssumed { get; init; }

    /// <summary>True when the rule also demands a forensic triage.</summary>
    public bool NeedsForensics { get; init; }
}

/// <summary>Something that cannot be known, counted and shown.</summary>
public sealed record UnknownItem
{
    /// <summary>What it is about: a package, a collector, a feed.</summary>
    public required string Subject { get; init; }

    /// <summary>Why it is unknown and what would make it known.</summary>
    public required string Reason { get; init; }
}

/// <summary>A feed that a row or an answer rests on.</summary>
public sealed record UsedFeed
{
    /// <summary>Feed, <c>cisa-kev</c>.</summary>
    public required string Feed { get; init; }

    /// <summary>Date of its content as the publisher states it; the oldest where it was used with several. Null when it is not dated.</summary>
    public DateOnly? ContentDate { get; init; }
}

/// <summary>Age and content of a feed that an answer used.</summary>
public sealed record FeedAge
{
    /// <summary>Feed, <c>cisa-kev</c>.</summary>
    public required string Feed { get; init; }

    /// <summary>Date of its content as the publisher states it; null when it does not.</summary>
    public DateOnly? ContentDate { get; init; }

    /// <summary>Records in force.</summary>
    public required int Records { get; init; }

    /// <summary>Version of the publisher's model (EPSS); null otherwise.</summary>
    public string? Version { get; init; }
}

/// <summary>Answer of <c>suture scan --json</c>; its schema is published as <c>docs/schema/scan.json</c>.</summary>
public sealed record ScanReport
{
    /// <summary>1.</summary>
    public required int Schema { get; init; }

    /// <summary>The machine looked at.</summary>
    public required ScannedAsset Asset { get; init; }

    /// <summary>Feeds used, with age; ordered by name.</summary>
    public required IReadOnlyList<FeedAge> Feeds { get; init; }

    /// <summary>Findings, highest risk first.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>What could not be known.</summary>
    public required IReadOnlyList<UnknownItem> Unknown { get; init; }

    /// <summary>Installed kernels that do not run and could be removed.</summary>
    public required IReadOnlyList<InstalledKernel> RemovableKernels { get; init; }
}

/// <summary>The machine a scan looked at.</summary>
public sealed record ScannedAsset
{
    /// <summary>Host name.</summary>
    public required string Name { get; init; }

    /// <summary>Root that was read, <c>/</c> for the machine itself.</summary>
    public required string Root { get; init; }

    /// <summary>The operating system; null when unknown.</summary>
    public OperatingSystemRelease? OperatingSystem { get; init; }

    /// <summary>Packages installed; null when unknown.</summary>
    public int? Packages { get; init; }

    /// <summary>When it was read.</summary>
    public required DateTimeOffset TakenUtc { get; init; }
}
