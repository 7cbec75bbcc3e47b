using System.Globalization;
using Suture.Contracts.Api;
using Suture.Exposure.Api;
using Suture.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Intelligence;

namespace Suture.Exposure.Explaining;

/// <summary>Steps that explanations share.</summary>
internal static class Steps
{
    internal const string Signal = "signal";
    internal const string Advisory = "advisory";
    internal const string Match = "match";
    internal const string Exposure = "exposure";
    internal const string Risk = "risk";
    internal const string Deadline = "deadline";
    internal const string Episode = "episode";
    internal const string Unknown = "unknown";
    internal const string Feed = "feed";

    /// <summary>True when some feed says anything of it.</summary>
    internal static bool IsKnown(Vulnerability known) => SignalTexts.Of(known).Count > 0 || known.Description is not null;

    internal static IEnumerable<ExplanationStep> Signals(Vulnerability known)
    {
        if (known.Description is { } description)
        {
            // The publisher's own words; CVE lists and tables of them hand on the same text.
            yield return new ExplanationStep { Stage = Signal, Text = description, Source = "CVE record" };
        }
        foreach (var signal in SignalTexts.Of(known))
        {
            yield return new ExplanationStep { Stage = Signal, Text = $"{signal.Signal}: {signal.Text}", Source = Dated(signal.Source, signal.FeedDate, signal.Date) };
        }
    }

    internal static IEnumerable<ExplanationStep> FeedAges(FeedSnapshot feeds) => feeds.Feeds.Count == 0
        ? [new ExplanationStep { Stage = Feed, Text = "No feed is in force. Import one with ./suture feeds import DIR." }]
        : feeds.Feeds.Select(feed => new ExplanationStep
        {
            Stage = Feed,
            Text = $"{feed.Records} records, {(feed.ContentDate is { } day ? $"content of {SignalTexts.Day(day)}" : "content not dated")}{(feed.Version is null ? "" : $", model {feed.Version}")}",
            Source = feed.Feed,
        });

    /// <summary>Everything known of a silent asset is of the past.</summary>
    internal static ExplanationStep Silent(AssetRecord asset) => new()
    {
        Stage = Unknown,
        Text = $"no sign of life of {asset.Name} since {(asset.LastSeenUtc ?? asset.EnrolledUtc).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}: all this may no longer hold",
    };

    internal static string Dated(string source, DateOnly? date) => date is { } day ? $"{source} of {SignalTexts.Day(day)}" : $"{source}, not dated";

    /// <summary>A source with the age of its feed, and the day of the value itself where that is another one.</summary>
    internal static string Dated(string source, DateOnly? feedDate, DateOnly? date) =>
        Dated(source, feedDate) + (date is { } day && date != feedDate ? $", the value of {SignalTexts.Day(day)}" : "");

    internal static string StatusWord(FindingStatus status) => status switch
    {
        FindingStatus.Affected => "affected",
        FindingStatus.PendingEffect => "fixed on disk, old code still runs",
        FindingStatus.Unknown => "unknown",
        FindingStatus.Accepted => "accepted",
        FindingStatus.NotAffected => "not affected",
        _ => "fixed",
    };
}
