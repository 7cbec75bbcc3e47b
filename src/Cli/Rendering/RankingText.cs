using System.Globalization;
using Suture.Knowledge.Feeds;

namespace Suture.Cli.Rendering;

/// <summary>A feed that speaks, and the day of its content.</summary>
/// <param name="Name">Feed.</param>
/// <param name="Date">Day; null when not stated.</param>
internal sealed record RankingFeed(string Name, DateOnly? Date);

/// <summary>Says once, above a table, what its order rests on, so that the rows need not.</summary>
internal static class RankingText
{
    private const int FirstFew = 5;

    // Which feeds tell the same of a CVE, and what.
    private static readonly (string[] Feeds, string What)[] signals =
    [
        ([FeedNames.CisaKev], "which CVEs are exploited"),
        ([FeedNames.FirstEpss], "which CVEs are likely to be exploited"),
        ([FeedNames.CveRecords, FeedNames.Vulnrichment, FeedNames.CveMeta], "how severe a CVE is"),
        ([FeedNames.ExploitEvidence], "for which CVEs exploits are public"),
    ];

    /// <summary>What the column RISK/DAY means, by its first value, and how much of all the first few remove.</summary>
    /// <param name="risks">Risk a day of each fix, in order; at least one.</param>
    public static string Meaning(IReadOnlyList<double> risks)
    {
        var sum = risks.Sum();
        var meaning = $"RISK/DAY: exploitations to expect in a day, times how much the asset matters; {TextLines.Risk(risks[0])} is {InWords(risks[0])}.";
        return risks.Count <= FirstFew || sum <= 0 ? meaning : string.Create(
            CultureInfo.InvariantCulture, $"{meaning} All together {TextLines.Risk(sum)}; the first {FirstFew} remove {Math.Floor(risks.Take(FirstFew).Sum() / sum * 100):0} % of it.");
    }

    /// <summary>What the order rests on: the feeds that speak of CVEs with their age, and what no feed says.</summary>
    /// <param name="inForce">Feeds in force, of any kind.</param>
    /// <param name="today">Day by which age is told.</param>
    public static string Order(IEnumerable<RankingFeed> inForce, DateOnly today)
    {
        var known = inForce.ToDictionary(feed => feed.Name, StringComparer.Ordinal);
        var speaking = signals.SelectMany(signal => signal.Feeds).Where(known.ContainsKey).Select(name => $"{name} ({TextLines.Age(known[name].Date, today)})").ToList();
        var missing = signals.Where(signal => !signal.Feeds.Any(known.ContainsKey)).Select(signal => $"{signal.What} ({signal.Feeds[0]})").ToList();
        const string machine = "what runs and listens on the asset";
        var rests = speaking.Count > 0
            ? $"The order rests on {string.Join(", ", speaking)} and on {machine}."
            : $"The order rests only on how many CVEs a fix closes and on {machine}: all CVEs count alike.";
        return missing.Count == 0 ? rests : $"{rests} No feed in force says {(missing.Count == 1 ? missing[0] : $"{string.Join(", ", missing.SkipLast(1))} or {missing[^1]}")}.";
    }

    private static string InWords(double perDay) => perDay switch
    {
        <= 0 => "none",
        >= 1.5 => string.Create(CultureInfo.InvariantCulture, $"{perDay:0} a day"),
        > 2 / 3.0 => "one a day",
        > 1 / 60.0 => string.Create(CultureInfo.InvariantCulture, $"one in {1 / perDay:0} days"),
        > 1 / 730.0 => string.Create(CultureInfo.InvariantCulture, $"one in {1 / perDay / 30:0} months"),
        _ => "one in more than two years",
    };
}
