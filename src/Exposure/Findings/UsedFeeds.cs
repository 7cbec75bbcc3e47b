using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;

namespace Suture.Exposure.Findings;

/// <summary>Which feeds an answer rests on, so that their age shows wherever their data is used. Pure.</summary>
internal static class UsedFeeds
{
    /// <summary>Feeds of the evidence of findings and of the reasons of their risk.</summary>
    internal static IReadOnlyList<UsedFeed> Of(IEnumerable<Finding> findings) => Put(findings.SelectMany(finding =>
        finding.Evidence.Select(evidence => (evidence.Feed, evidence.FeedDate))
            .Concat((finding.Risk?.Reasons ?? []).Where(reason => reason.Source is not null).Select(reason => (FeedNames.OfSource(reason.Source!), reason.FeedDate)))));

    /// <summary>Feeds of the signals of a vulnerability, and of the records of its fixes.</summary>
    internal static IReadOnlyList<UsedFeed> Of(IEnumerable<VulnerabilitySignal> signals, IEnumerable<FixRecord> records, IReadOnlyList<FeedAge> inForce) => Put(
        signals.Select(signal => (FeedNames.OfSource(signal.Source), signal.FeedDate))
            .Concat(records.Select(record => (record.Feed, inForce.FirstOrDefault(age => age.Feed == record.Feed)?.ContentDate))));

    private static IReadOnlyList<UsedFeed> Put(IEnumerable<(string Feed, DateOnly? Date)> used) =>
        [.. used.GroupBy(one => one.Feed, StringComparer.Ordinal).OrderBy(feed => feed.Key, StringComparer.Ordinal)
            .Select(feed => new UsedFeed { Feed = feed.Key, ContentDate = feed.Min(one => one.Date) })];
}
