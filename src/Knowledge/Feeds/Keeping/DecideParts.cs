namespace Suture.Knowledge.Feeds.Keeping;

/// <summary>Which parts of a feed come into force. Pure.</summary>
internal static class DecideParts
{
    internal sealed record Verdict(IReadOnlyList<FeedPart> Accepted, IReadOnlyList<FeedFault> Refused);

    /// <summary>Decides, part by part: one that is refused does not keep another one out.</summary>
    /// <param name="offered">Parts of one feed as they were read.</param>
    /// <param name="kept">Parts of it in force.</param>
    /// <param name="latest">The last day that a feed may be of.</param>
    /// <param name="isSizeAccepted">True when a person says that the size is right.</param>
    internal static Verdict Decide(IReadOnlyList<FeedPart> offered, IReadOnlyList<KeptPart> kept, DateOnly latest, bool isSizeAccepted)
    {
        var (accepted, refused) = (new List<FeedPart>(), new List<FeedFault>());
        foreach (var part in offered)
        {
            if (Reason(part, kept, latest, isSizeAccepted) is { } reason)
            {
                refused.Add(new FeedFault(part.Content.Feed, part.FileName, null, reason));
            }
            else
            {
                accepted.Add(part);
            }
        }
        return new Verdict(accepted, refused);
    }

    private static string? Reason(FeedPart part, IReadOnlyList<KeptPart> kept, DateOnly latest, bool isSizeAccepted)
    {
        if (part.Content is FixContent && kept.Any(other => FeedFiles.KindOf(other.File) is { } kind && kind != FeedFileKind.DebianFixes))
        {
            return "it is derived from the advisories, which are in force; it counts only where there are none";
        }
        if (kept.FirstOrDefault(other => other.Name == part.Name) is not { } before)
        {
            return null;
        }
        return FeedCheck.Date(part.Content.ContentDate, before.ContentDate, latest)
            ?? (isSizeAccepted || FeedCheck.Size(part.Content.Records, before.Records) is not { } size
                ? null
                : $"{size}; if it is right, import it with --accept {part.Content.Feed}");
    }
}
