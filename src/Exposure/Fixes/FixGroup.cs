using Suture.Contracts.Api;
using Suture.Exposure.Findings;

namespace Suture.Exposure.Fixes;

/// <summary>One fix with the assets that need it: the derived part of a row of the work queue.</summary>
public sealed record FixGroup
{
    /// <summary>Its key.</summary>
    public required FixKey Key { get; init; }

    /// <summary>What to do, in words: <c>upgrade openssl to 3.0.17-1~deb12u2</c>, <c>restart nginx.service</c>.</summary>
    public required string Title { get; init; }

    /// <summary>CVEs it closes, riskiest first; unrated updates are not among them.</summary>
    public required IReadOnlyList<string> Vulnerabilities { get; init; }

    /// <summary>Findings it closes.</summary>
    public required int Findings { get; init; }

    /// <summary>Those of them that await only a restart or a reboot.</summary>
    public required int PendingEffect { get; init; }

    /// <summary>Assets that need it, riskiest first; at least one.</summary>
    public required IReadOnlyList<FixGroupAsset> Assets { get; init; }

    /// <summary>Risk it removes, per day: the sum over its assets.</summary>
    public required double RiskPerDay { get; init; }

    /// <summary>What its place rests on, as <see cref="Knowledge.Risk.FixReasons"/> says it of its riskiest finding.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Feeds that its findings and their risk rest on, with their dates; ordered by name.</summary>
    public required IReadOnlyList<UsedFeed> Feeds { get; init; }

    /// <summary>Earliest deadline of its findings; null when none has one.</summary>
    public Deadline? Deadline { get; init; }

    /// <summary>True when one of its CVEs is critical (glossary).</summary>
    public required bool IsCritical { get; init; }

    /// <summary>True when it also closes a security update that names no CVE.</summary>
    public required bool IsUnrated { get; init; }

    /// <summary>True when one of its CVEs is in KEV.</summary>
    public required bool InKev { get; init; }

    /// <summary>True when every asset's own indexes offer the version for every package concerned; false when some do not; null when some are unknown.</summary>
    public bool? PatchReady { get; init; }

    /// <summary>When its oldest finding was detected.</summary>
    public required DateTimeOffset DetectedUtc { get; init; }
}

/// <summary>One asset of a fix.</summary>
public sealed record FixGroupAsset
{
    /// <summary>The asset's exposure.</summary>
    public required AssetExposure Exposure { get; init; }

    /// <summary>Its findings that the fix closes, highest risk first; at least one.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Risk the fix removes on it, per day.</summary>
    public required double RiskPerDay { get; init; }

    /// <summary>What it needs in order, in words: <c>upgrade libssl3 to 3.0.17-1~deb12u2</c>, <c>restart nginx.service</c>, <c>reboot</c>.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary>True when its own indexes offer the version for every package concerned; null when they are unknown.</summary>
    public bool? PatchReady { get; init; }
}
