using System.Text;
using Suture.Contracts.Api;

namespace Suture.Knowledge.Feeds.Keeping;

/// <summary>Feeds that are kept, each compiled by itself.</summary>
/// <param name="Feeds">Snapshots of one feed each, ordered by name.</param>
/// <param name="Lost">Feeds that are kept and can no longer be read.</param>
public sealed record KeptFeeds(IReadOnlyList<CompiledSnapshot> Feeds, IReadOnlyList<FeedFault> Lost) : IDisposable
{
    /// <summary>Closes the feeds. A snapshot that was put together of them goes on.</summary>
    public void Dispose()
    {
        foreach (var feed in Feeds)
        {
            feed.Dispose();
        }
    }
}

/// <summary>A folder that keeps the last good content of each feed, part by part, and the compiled snapshot of all of them.</summary>
/// <remarks>
/// Layout: <c>FEED/</c> what is kept of one feed, <c>DIGEST.snapshot</c> the compiled snapshot in force, <c>current</c> its digest.
/// Each step replaces one file whole, so a crash leaves the old or the new state. One import at a time.
/// </remarks>
/// <param name="directory">The folder; made by the first import.</param>
public sealed class FeedKeep(string directory)
{
    private string Pointer => Path.Combine(directory, "current");

    /// <summary>Opens the snapshot in force. Takes a few milliseconds.</summary>
    /// <returns>The snapshot, or why there is none.</returns>
    public FeedResult<CompiledSnapshot> Open()
    {
        var digest = File.Exists(Pointer) ? File.ReadAllText(Pointer).Trim() : "";
        return digest.Length == 64 && !digest.AsSpan().ContainsAnyExcept("0123456789abcdef")
            ? CompiledSnapshot.Open(PathOf(digest))
            : new FeedResult<CompiledSnapshot>
            {
                Fault = new FeedFault("feeds", directory, null, "no feeds were imported yet; run ./suture feeds import DIR"),
            };
    }

    /// <summary>What the last tries gave.</summary>
    /// <returns>One row a feed, ordered by name; empty when nothing was imported.</returns>
    public IReadOnlyList<FeedRow> ReadStatus() => [.. Names().Select(Row)];

    /// <summary>Kept files that are gone or have another size than when they were accepted. What is in force does not need them; the next change of their feed does.</summary>
    /// <returns>One fault a file, ordered by feed.</returns>
    public IReadOnlyList<FeedFault> FindDamage() =>
        [.. Names().Select(feed => new KeptFeed(directory, feed)).SelectMany(kept => kept.Read() is { Fault: { } fault } ? [fault] : kept.Damage(kept.Read().State))];

    /// <summary>SHA-256 of the file that is kept for a part of a feed.</summary>
    /// <param name="feed">Name of the feed.</param>
    /// <param name="part">Name of the part, see <see cref="FeedFiles.PartOf"/>.</param>
    /// <returns>Null when there is none, or it is damaged.</returns>
    public string? DigestOf(string feed, string part)
    {
        var kept = new KeptFeed(directory, feed);
        var state = kept.Read().State;
        return state.Parts.FirstOrDefault(one => one.Name == part) is { } found && !kept.Damage(state with { Parts = [found] }).Any() ? found.Digest : null;
    }

    /// <summary>Reads a folder of feeds and keeps what is good of it, feed by feed and part by part. It comes into force with <see cref="PutInForce"/>.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="cancellation">Stops between files.</param>
    /// <returns>What it did. What is refused, and what the folder does not have, stays as it was.</returns>
    /// <exception cref="IOException">The folder of this keep cannot be written, or another import runs.</exception>
    public FeedImport Import(FeedImportOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Directory.CreateDirectory(directory);
        using var only = Lock();
        return new ImportFeeds(directory, options).Execute(cancellation);
    }

    /// <summary>The feeds that are kept. Nothing is parsed unless a compiled content is damaged, or of another version.</summary>
    public KeptFeeds Load()
    {
        var (feeds, lost) = (new List<CompiledSnapshot>(), new List<FeedFault>());
        foreach (var feed in Names())
        {
            var kept = new KeptFeed(directory, feed);
            var (state, fault) = kept.Read();
            var opened = fault is null && state.Content is not null ? kept.Open(state) : null;
            feeds.AddRange(opened?.Content is { } content ? [content] : []);
            lost.AddRange((fault ?? opened?.Fault) is { } reason ? [reason] : []);
        }
        return new KeptFeeds(feeds, lost);
    }

    /// <summary>Puts feeds together as the snapshot in force. Where they are in force already, it is only opened.</summary>
    /// <param name="feeds">Snapshots of one feed each: those of <see cref="Load"/>, and those that are kept elsewhere.</param>
    /// <returns>The snapshot.</returns>
    public CompiledSnapshot PutInForce(IEnumerable<CompiledSnapshot> feeds)
    {
        var parts = feeds.OrderBy(feed => feed.Feeds[0].Feed, StringComparer.Ordinal).ToList();
        var note = string.Join('\n', parts.Select(feed => $"{feed.Feeds[0].Feed} {feed.Digest}"));
        if (Open().Content is { } current)
        {
            if (current.Note == note)
            {
                return current;
            }
            current.Dispose();
        }
        var snapshot = parts.Aggregate(new FeedSnapshotBuilder(), (builder, feed) => builder.Add(feed)).Build();
        Directory.CreateDirectory(directory);
        CompiledSnapshot.Write(PathOf(snapshot.Digest), snapshot, note);
        KeptFeed.WriteWhole(Pointer, Encoding.ASCII.GetBytes(snapshot.Digest + "\n"));
        foreach (var old in Directory.GetFiles(directory, "*" + CompiledSnapshot.FileEnding).Where(path => path != PathOf(snapshot.Digest)))
        {
            File.Delete(old);
        }
        return snapshot;
    }

    private FeedRow Row(string feed)
    {
        var kept = new KeptFeed(directory, feed);
        var (state, fault) = kept.Read();
        return new FeedRow
        {
            Feed = feed,
            Records = state.Records,
            ContentDate = state.ContentDate,
            Version = state.Version,
            LastAttemptUtc = state.LastAttemptUtc,
            LastSuccessUtc = state.LastSuccessUtc,
            Problem = (fault ?? kept.Damage(state).FirstOrDefault())?.ToString() ?? state.Problem,
        };
    }

    private IEnumerable<string> Names() => Directory.Exists(directory)
        ? FeedNames.All.Where(feed => File.Exists(Path.Combine(directory, feed, KeptFeed.StateName))).Order(StringComparer.Ordinal)
        : [];

    private string PathOf(string digest) => Path.Combine(directory, digest + CompiledSnapshot.FileEnding);

    private FileStream Lock()
    {
        try
        {
            return new FileStream(Path.Combine(directory, "import.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException fault)
        {
            throw new IOException($"Another import into {directory} runs ({fault.Message}); wait for it.", fault);
        }
    }
}
