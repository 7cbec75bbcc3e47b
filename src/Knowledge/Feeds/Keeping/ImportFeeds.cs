namespace Suture.Knowledge.Feeds.Keeping;

/// <summary>An import as it is asked for.</summary>
public sealed record FeedImportOptions
{
    /// <summary>Folder of feeds.</summary>
    public required string From { get; init; }

    /// <summary>The instant: nothing from the future is taken, and the tries are noted under it.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Feeds whose size a person has found right, so that it is not compared with what is in force; may be empty.</summary>
    public IReadOnlyCollection<string> Accept { get; init; } = [];
}

/// <summary>What an import did.</summary>
/// <param name="Taken">Feeds of which something came into force, ordered by name; also when it was the same as before.</param>
/// <param name="Problems">What was refused; of each of them the content that was in force before stays.</param>
/// <param name="Files">Files read, ordered by name.</param>
public sealed record FeedImport(IReadOnlyList<string> Taken, IReadOnlyList<FeedFault> Problems, IReadOnlyList<FeedFileOutcome> Files);

/// <summary>One import into the folder of a <see cref="FeedKeep"/>: read, decide part by part, keep.</summary>
internal sealed class ImportFeeds(string directory, FeedImportOptions options)
{
    private const int ReasonsMax = 3;

    private readonly DateOnly _latest = FeedLimits.LatestDay(options.Now);
    private readonly List<string> _taken = [];
    private readonly List<FeedFault> _problems = [];

    public FeedImport Execute(CancellationToken cancellation)
    {
        var read = FeedFolder.Read(options.From, _latest, cancellation);
        _problems.AddRange(read.Problems);
        var faults = read.Problems.ToLookup(problem => problem.Feed, StringComparer.Ordinal);
        var parts = read.Parts.ToLookup(part => part.Content.Feed, StringComparer.Ordinal);
        foreach (var feed in FeedNames.All.Where(feed => faults.Contains(feed) || parts.Contains(feed)).Order(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            Import(new KeptFeed(directory, feed), feed, [.. parts[feed]], [.. faults[feed]]);
        }
        return new FeedImport(_taken, _problems, read.Files);
    }

    private void Import(KeptFeed kept, string feed, IReadOnlyList<FeedPart> offered, List<FeedFault> faults)
    {
        var (state, lost) = kept.Read();
        var (accepted, refused) = DecideParts.Decide(offered, state.Parts, _latest, options.Accept.Contains(feed));
        faults.AddRange(refused);
        _problems.AddRange(refused);
        var next = accepted.Count > 0 ? Replace(kept, state, accepted, faults) : null;
        if (next is not null)
        {
            _taken.Add(feed);
        }
        else if (lost is not null)
        {
            // Nothing new, and what was there cannot be read: it is left for whoever looks, and said.
            _problems.Add(lost);
            return;
        }
        kept.Write((next ?? state) with
        {
            LastAttemptUtc = options.Now, LastSuccessUtc = next is null ? state.LastSuccessUtc : options.Now, Problem = ProblemOf(faults),
        });
    }

    // The accepted parts take the place of those of the same name; the feed is compiled from all of its parts.
    private KeptState? Replace(KeptFeed kept, KeptState state, IReadOnlyList<FeedPart> accepted, List<FeedFault> faults)
    {
        var copies = accepted.Select(kept.Copy).ToList();
        if (copies.TrueForAll(copy => state.Parts.Any(part => part == copy.Part)) && kept.IsCompiled(state))
        {
            return state;
        }
        var others = state.Parts.Where(part => accepted.All(one => one.Name != part.Name)).ToList();
        var (contents, damage) = kept.ReadParts(others);
        List<FeedFault> inTheWay = [.. copies.Select(copy => copy.Fault).OfType<FeedFault>(), .. damage];
        faults.AddRange(inTheWay);
        _problems.AddRange(inTheWay);
        if (inTheWay.Count > 0)
        {
            return null;
        }
        var parts = others.Concat(copies.Select(copy => copy.Part!)).OrderBy(part => part.Name, StringComparer.Ordinal).ToList();
        return kept.WithContent(state with { Parts = parts }, FeedPart.Combine([.. contents, .. accepted.Select(part => part.Content)]));
    }

    private static string? ProblemOf(IReadOnlyList<FeedFault> faults) => faults.Count == 0
        ? null
        : string.Join("; ", faults.Take(ReasonsMax).Select(fault => fault.ToString())) + (faults.Count > ReasonsMax ? $"; and {faults.Count - ReasonsMax} more" : "");
}
