using System.Security.Cryptography;
using System.Text;
using Suture.Exposure.FleetIndex;
using Suture.Knowledge.Feeds;

namespace Suture.Exposure.Findings;

/// <summary>Remembers what the feeds said of each source of the fleet, to tell which sources other feeds concern.</summary>
internal sealed class ChangedSources
{
    private readonly Dictionary<(string Release, string Source), string> _seen = [];
    private readonly Dictionary<string, bool> _covered = [];

    /// <summary>Assets that have a source whose fixes are not those remembered.</summary>
    /// <returns>Null for every asset: nothing is remembered yet.</returns>
    internal IAssetSet? Concerned(FeedSnapshot feeds, IFleetView view)
    {
        lock (_seen)
        {
            if (_covered.Count == 0)
            {
                return null;
            }
            IAssetSet concerned = PlainAssetSet.Empty;
            foreach (var (release, source) in Sources(view))
            {
                var isSame = _covered.TryGetValue(release, out var wasCovered) && wasCovered == feeds.Covers(release)
                    && _seen.TryGetValue((release, source), out var digest) && digest == Digest(feeds, release, source);
                concerned = isSame ? concerned : concerned.Union(view.WithSource(release, source));
            }
            return concerned;
        }
    }

    /// <summary>Remembers what every asset was looked at with.</summary>
    internal void Remember(FeedSnapshot feeds, IFleetView view)
    {
        lock (_seen)
        {
            _seen.Clear();
            _covered.Clear();
            foreach (var (release, source) in Sources(view))
            {
                _covered[release] = feeds.Covers(release);
                _seen[(release, source)] = Digest(feeds, release, source);
            }
        }
    }

    private static IEnumerable<(string Release, string Source)> Sources(IFleetView view) =>
        view.Releases.SelectMany(release => view.SourcesOf(release).Select(source => (release, source)));

    private static string Digest(FeedSnapshot feeds, string release, string source)
    {
        var text = new StringBuilder();
        foreach (var fix in feeds.FixesOf(release, source))
        {
            text.Append(fix.Vulnerability).Append(' ').Append(fix.FixedVersion);
            foreach (var record in fix.Records)
            {
                text.Append(' ').Append(record.Feed).Append(' ').Append(record.Record).Append(' ').Append(record.FixedVersion).Append(' ').Append(record.Published?.DayNumber ?? 0);
            }
            text.Append('\n');
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
