using Suture.Knowledge.Feeds;

namespace Suture.Advisories;

/// <summary>Which feeds of an import come into force. Pure.</summary>
internal static class DecideImport
{
    /// <summary>Feeds taken, and problems by feed.</summary>
    internal sealed record Verdict(IReadOnlySet<string> Taken, IReadOnlyList<(string Feed, string Reason)> Problems);

    /// <summary>Decides.</summary>
    /// <param name="incoming">What was read, by itself.</param>
    /// <param name="recordsInForce">Records in force by feed.</param>
    /// <param name="expected">The feed that was fetched; null for a folder given by a person.</param>
    internal static Verdict Decide(FeedFolderContent incoming, IReadOnlyDictionary<string, int> recordsInForce, string? expected)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var problems = incoming.Problems.Select(fault => (Feed: fault.Feed, Reason: fault.ToString())).ToList();
        foreach (var content in incoming.Contents)
        {
            var before = recordsInForce.GetValueOrDefault(content.Feed);
            if (content.Records == 0)
            {
                problems.Add((content.Feed, $"{content.Feed}: it is empty"));
            }
            else if (FeedCheck.AgainstPrevious(content.Records, before) is { } reason)
            {
                problems.Add((content.Feed, $"{content.Feed}: {reason}"));
            }
            else
            {
                taken.Add(content.Feed);
            }
        }
        if (expected is not null && !taken.Contains(expected) && problems.All(problem => problem.Feed != expected))
        {
            problems.Add((expected, $"{expected}: the answer holds nothing of this feed; wanted its published format"));
        }
        return new Verdict(taken, problems);
    }

    /// <summary>True when the newest file of the kind holds alone.</summary>
    internal static bool IsSingle(FeedFileKind kind) => kind is FeedFileKind.Kev or FeedFileKind.Epss or FeedFileKind.CveMeta or FeedFileKind.Vulnrichment;

    /// <summary>Feeds that files of a kind make.</summary>
    internal static IReadOnlyList<string> FeedsOf(FeedFileKind kind) => kind switch
    {
        FeedFileKind.DebianList or FeedFileKind.DebianListArchive or FeedFileKind.DebianAdvisories or FeedFileKind.DebianFixes =>
            [FeedNames.DebianDsa, FeedNames.DebianDla],
        FeedFileKind.Kev => [FeedNames.CisaKev],
        FeedFileKind.Epss => [FeedNames.FirstEpss],
        FeedFileKind.CveArchive or FeedFileKind.CveRecord => [FeedNames.CveRecords],
        FeedFileKind.CveMeta => [FeedNames.CveMeta],
        FeedFileKind.Vulnrichment => [FeedNames.Vulnrichment],
        FeedFileKind.ExploitMentions or FeedFileKind.ExploitTemplates or FeedFileKind.ExploitHistory => [FeedNames.ExploitEvidence],
        _ => [],
    };
}
