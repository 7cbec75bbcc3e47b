using System.Globalization;
using Suture.Contracts.Api;
using Suture.Knowledge.Risk;
using Suture.Knowledge.Versions;

namespace Suture.Cli.Rendering;

/// <summary>One fix: the change that closes all open findings of one source, or the action that brings an installed fix into effect.</summary>
internal sealed record ScanFix
{
    private const int ReasonsMax = 2;

    /// <summary>What to do, <c>upgrade openssl to 3.0.17-1~deb12u2</c> or <c>restart nginx.service</c>.</summary>
    public required string What { get; init; }

    /// <summary>What it closes, <c>12 CVEs, 2 in KEV</c>.</summary>
    public required string Closes { get; init; }

    /// <summary>Earliest deadline; a tilde marks an assumed fact.</summary>
    public required string Due { get; init; }

    /// <summary>Strongest reasons of its riskiest finding.</summary>
    public required string Why { get; init; }

    /// <summary>Combined risk a day.</summary>
    public required double PerDay { get; init; }

    /// <summary>True when it closes a critical finding.</summary>
    public required bool IsCritical { get; init; }

    /// <summary>True when <see cref="Due"/> rests on an assumed fact.</summary>
    public required bool IsDueAssumed { get; init; }

    /// <summary>Groups findings by fix, highest risk first.</summary>
    /// <param name="findings">Ranked findings, highest risk first.</param>
    public static IReadOnlyList<ScanFix> Group(IReadOnlyList<Finding> findings) =>
        [.. findings.GroupBy(f => (f.Source, Action: f.Status == FindingStatus.PendingEffect ? f.Action : null))
            .Select(group => Of(group.Key.Source, group.Key.Action, [.. group]))
            .OrderByDescending(fix => fix.PerDay).ThenBy(fix => fix.What, StringComparer.Ordinal)];

    private static ScanFix Of(string source, string? action, IReadOnlyList<Finding> findings)
    {
        var version = findings.Select(f => f.FixedVersion).Aggregate((best, next) => DebianVersion.Compare(best, next) < 0 ? next : best);
        var earliest = findings.Where(f => f.Deadline?.Due is not null).Select(f => f.Deadline!).MinBy(d => d.Due);
        return new ScanFix
        {
            What = action is null ? $"upgrade {source} to {version}" : $"{action} ({source} {version})",
            Closes = CountClosed(findings),
            Due = earliest is null ? (findings.Any(f => f.Deadline is not null) ? "next upgrade" : "-")
                : earliest.Due!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) + (earliest.IsAssumed ? "~" : ""),
            Why = Reasons(findings),
            PerDay = RiskEngine.Combine(findings).PerDay,
            IsCritical = findings.Any(f => f.Risk is { IsCritical: true }),
            IsDueAssumed = earliest is { IsAssumed: true },
        };
    }

    private static string CountClosed(IReadOnlyList<Finding> findings)
    {
        var cves = findings.Where(f => !f.IsUnrated).Select(f => f.Vulnerability).Distinct(StringComparer.Ordinal).Count();
        var exploited = findings.Where(f => f.Risk?.Reasons.Any(r => r.Signal == "kev") == true).Select(f => f.Vulnerability).Distinct(StringComparer.Ordinal).Count();
        var parts = new List<string>(2);
        if (cves > 0)
        {
            parts.Add(TextTables.Count(cves, "CVE", "CVEs"));
        }
        if (findings.Any(f => f.IsUnrated))
        {
            parts.Add("unrated");
        }
        if (exploited > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{exploited} in KEV"));
        }
        return string.Join(", ", parts);
    }

    private static string Reasons(IReadOnlyList<Finding> findings)
    {
        var riskiest = findings[0];
        if (riskiest.IsUnrated)
        {
            return "Security update without a CVE, nothing is known of its risk";
        }
        var reasons = riskiest.Risk?.Reasons.Where(r => r.Points > 0 && r.Source is not null).Take(ReasonsMax).Select(r => r.Text).ToList() ?? [];
        var others = findings.Select(f => f.Vulnerability).Distinct(StringComparer.Ordinal).Count() - 1;
        var names = others > 0 ? string.Create(CultureInfo.InvariantCulture, $"{riskiest.Vulnerability} and {others} more") : riskiest.Vulnerability;
        return reasons.Count > 0 ? $"{riskiest.Vulnerability}: {string.Join("; ", reasons)}" : names;
    }
}
