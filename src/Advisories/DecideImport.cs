using System.Globalization;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;

namespace Suture.Advisories;

/// <summary>Which feeds of an import come into force. Pure.</summary>
internal static class DecideImport
{
    /// <summary>Feeds taken, and problems by feed.</summary>
    internal sealed record Verdict(IReadOnlySet<string> Taken, IReadOnlyList<(string Feed, string Reason)> Problems);

    /// <summary>Decides.</summary>
    /// <param name="incoming">What was read, by itself.</param>
    /// <param name="inForce">What is recorded of the feeds in force, by name.</param>
    /// <param name="expected">The feed that was fetched; null for a folder given by a person.</param>
    internal static Verdict Decide(FeedFolderContent incoming, IReadOnlyDictionary<string, FeedState> inForce, string? expected)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var problems = incoming.Problems.Select(fault => (Feed: fault.Feed, Reason: fault.ToString())).ToList();
        foreach (var content in incoming.Contents)
        {
            if (content.Records == 0)
            {
                problems.Add((content.Feed, $"{content.Feed}: it is empty"));
            }
            else if (inForce.GetValueOrDefault(content.Feed) is { } before && FeedCheck.AgainstPrevious(content, Age(before)) is { } reason)
            {
                problems.Add((content.Feed, $"{content.Feed}: {reason}"));
            }
            else
            {
                taken.Add(content.Feed);
            }
        }
        RefuseShared(incoming, taken, problems);
        if (expected is not null && !taken.Contains(expected) && problems.All(problem => problem.Feed != expected))
        {
            problems.Add((expected, $"{expected}: the answer holds nothing of this feed; wanted its published format"));
        }
        return new Verdict(taken, problems);
    }

    /// <summary>True when the newest file of the kind holds alone.</summary>
    internal static bool IsSingle(FeedFileKind kind) => kind is FeedFileKind.Kev or FeedFileKind.Epss or FeedFileKind.CveMeta or FeedFileKind.Vulnrichment;

    // A file is kept whole or not at all: where one of its feeds is refused, it must not bring the other into force.
    private static void RefuseShared(FeedFolderContent incoming, HashSet<string> taken, List<(string Feed, string Reason)> problems)
    {
        var present = incoming.Contents.Select(content => content.Feed).ToHashSet(StringComparer.Ordinal);
        foreach (var file in incoming.Files.Where(file => file.IsUsed))
        {
            var feeds = FeedsOf(file.File).Where(present.Contains).ToList();
            if (feeds.Find(feed => !taken.Contains(feed)) is { } refused)
            {
                problems.AddRange(feeds.Where(taken.Remove).Select(feed => (feed, $"{feed}: {file.File.Name}: it also holds {refused}, which is refused; the whole file is")));
            }
        }
    }

    private static FeedAge Age(FeedState state) => new()
    {
        Feed = state.Name,
        ContentDate = state.ContentDay is null ? null : DateOnly.ParseExact(state.ContentDay, "O", CultureInfo.InvariantCulture),
        Records = state.Records,
    };

    /// <summary>Feeds that a file makes.</summary>
    internal static IReadOnlyList<string> FeedsOf(FeedFile file) => file.Kind switch
    {
        FeedFileKind.DebianList => [file.Name.Contains("DLA", StringComparison.OrdinalIgnoreCase) ? FeedNames.DebianDla : FeedNames.DebianDsa],
        FeedFileKind.DebianListArchive or FeedFileKind.DebianAdvisories or FeedFileKind.DebianFixes =>
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
