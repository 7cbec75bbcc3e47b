using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds.Compiled;

/// <summary>Compiles the content of one feed.</summary>
internal static class CompileFeed
{
    /// <summary>The bytes of a snapshot that holds this feed alone.</summary>
    public static byte[] ToBytes(FeedContent content)
    {
        var layout = new SnapshotLayout([content.ToAge()]);
        if (content is FixContent fixes)
        {
            layout.AddFixes(Releases(fixes), Groups(fixes));
        }
        var epss = content as EpssContent;
        layout.AddVulnerabilities(content is KevContent, epss?.Version, epss?.ContentDate, Sorted(Vulnerabilities(content)));
        return layout.ToBytes(note: "");
    }

    private static IReadOnlyList<string> Releases(FixContent content) =>
        [.. content.Releases.Concat(content.Fixes.Select(fix => fix.Release)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static IEnumerable<FixGroup> Groups(FixContent content) => content.Fixes
        .GroupBy(fix => (fix.Release, fix.Source))
        .OrderBy(group => group.Key.Release, StringComparer.Ordinal).ThenBy(group => group.Key.Source, StringComparer.Ordinal)
        .Select(group => FixGroup.Of(group.Key.Release, group.Key.Source, group));

    private static IEnumerable<Vulnerability> Vulnerabilities(FeedContent content) => content switch
    {
        KevContent kev => kev.Entries.Select(entry => new Vulnerability
        {
            Id = entry.Key, Kev = new Signal<KevEntry>(entry.Value, content.Feed, entry.Value.Added),
        }),
        EpssContent epss => epss.Scores.Select(score => new Vulnerability
        {
            Id = score.Key, Epss = new Signal<EpssScore>(score.Value, content.Feed, content.ContentDate),
        }),
        ExploitContent exploits => exploits.Evidence.Select(evidence => new Vulnerability { Id = evidence.Key, Exploits = evidence.Value }),
        CveContent cves => cves.Cves.Select(facts => new Vulnerability
        {
            Id = facts.Id, Published = facts.Published, Cvss = facts.Cvss, Ssvc = facts.Ssvc, Cwe = facts.Cwe, Description = facts.Description,
        }),
        _ => [],
    };

    private static KeyedVulnerability[] Sorted(IEnumerable<Vulnerability> vulnerabilities)
    {
        var keyed = new List<KeyedVulnerability>();
        foreach (var vulnerability in vulnerabilities)
        {
            if (CveKey.Of(vulnerability.Id) is { } key)
            {
                keyed.Add(new KeyedVulnerability(key, vulnerability));
            }
        }
        var sorted = keyed.ToArray();
        Array.Sort(sorted, (left, right) => left.Key.CompareTo(right.Key));
        return sorted;
    }
}

/// <summary>What is told of one CVE under its key.</summary>
internal readonly record struct KeyedVulnerability(ulong Key, Vulnerability Vulnerability);
