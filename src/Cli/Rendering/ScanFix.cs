using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Risk;
using Suture.Knowledge.Versions;

namespace Suture.Cli.Rendering;

/// <summary>One fix: the change that closes all open findings of one source, or the action that brings an installed fix into effect.</summary>
internal sealed record ScanFix
{
    /// <summary>What to do, <c>upgrade openssl to 3.0.17-1~deb12u2</c> or <c>restart nginx.service</c>.</summary>
    public required string What { get; init; }

    /// <summary>What it closes, <c>CVE-2026-0001</c>, <c>12 CVEs + unrated</c>, <c>unread</c>.</summary>
    public required string Closes { get; init; }

    /// <summary>Earliest deadline; a tilde marks an assumed fact.</summary>
    public required string Due { get; init; }

    /// <summary>What its place rests on; empty when no feed says anything of it.</summary>
    public required string Why { get; init; }

    /// <summary>Combined risk a day.</summary>
    public required double PerDay { get; init; }

    /// <summary>True when it closes a critical finding.</summary>
    public required bool IsCritical { get; init; }

    /// <summary>True when it also closes a security update that names no CVE.</summary>
    public required bool IsUnrated { get; init; }

    /// <summary>True when the changelog of its update is not read, so that what it closes is not known, or not all.</summary>
    public required bool IsUnread { get; init; }

    /// <summary>True when a running process uses a package of it; false when none does; null when that is not known of all.</summary>
    public required bool? IsInUse { get; init; }

    /// <summary>True when <see cref="Due"/> rests on an assumed fact.</summary>
    public required bool IsDueAssumed { get; init; }

    /// <summary>Groups findings by fix, highest risk first.</summary>
    /// <param name="findings">Ranked findings, highest risk first.</param>
    /// <param name="state">State of the machine; null when not known.</param>
    public static IReadOnlyList<ScanFix> Group(IReadOnlyList<Finding> findings, MachineState? state) =>
        [.. findings.GroupBy(f => (f.Source, Action: f.Status == FindingStatus.PendingEffect ? f.Action : null))
            .Select(group => Of(group.Key.Source, group.Key.Action, [.. group], state))
            .OrderByDescending(fix => fix.PerDay).ThenBy(fix => fix.What, StringComparer.Ordinal)];

    private static ScanFix Of(string source, string? action, IReadOnlyList<Finding> findings, MachineState? state)
    {
        var version = findings.Select(f => f.FixedVersion).Aggregate((best, next) => DebianVersion.Compare(best, next) < 0 ? next : best);
        var earliest = findings.Where(f => f.Deadline?.Due is not null).Select(f => f.Deadline!).MinBy(d => d.Due);
        return new ScanFix
        {
            What = action is null ? $"upgrade {source} to {version}" : $"{action} ({source} {version})",
            Closes = CountClosed(findings),
            Due = FixesText.Due(earliest ?? findings.Select(f => f.Deadline).FirstOrDefault(deadline => deadline is not null)),
            // An update of which no CVE is known may rank first, and says nothing of why.
            Why = string.Join(", ", FixReasons.Of(findings.FirstOrDefault(f => FixRecord.NamesCve(f.Vulnerability)) ?? findings[0], state)),
            PerDay = RiskEngine.Combine(findings).PerDay,
            IsCritical = findings.Any(f => f.Risk is { IsCritical: true }),
            IsInUse = InUse(findings),
            IsUnrated = findings.Any(f => f.IsUnrated),
            IsUnread = findings.Any(f => FixRecord.IsUnreadId(f.Vulnerability)),
            IsDueAssumed = earliest is { IsAssumed: true },
        };
    }

    private static bool? InUse(IReadOnlyList<Finding> findings)
    {
        var facts = findings.SelectMany(f => f.Risk?.Factors ?? []).Where(factor => factor.Name == "in-use").ToList();
        return facts.Any(factor => factor is { IsAssumed: false, Multiplier: >= 1 }) ? true : facts.Count > 0 && facts.TrueForAll(factor => !factor.IsAssumed) ? false : null;
    }

    private static string CountClosed(IReadOnlyList<Finding> findings)
    {
        List<string> cves = [.. findings.Select(f => f.Vulnerability).Where(FixRecord.NamesCve).Distinct(StringComparer.Ordinal)];
        var isUnrated = findings.Any(f => f.IsUnrated);
        var isUnread = findings.Any(f => FixRecord.IsUnreadId(f.Vulnerability));
        return cves.Count == 0 && !isUnrated ? "unread" : FixesText.Closes(cves, isUnrated) + (isUnread ? " + unread" : "");
    }
}
