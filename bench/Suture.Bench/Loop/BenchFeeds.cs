using System.Globalization;
using System.Text;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;

namespace Suture.Bench.Loop;

/// <summary>The feeds that the server starts with.</summary>
internal sealed class BenchFeeds
{
    /// <summary>What <see cref="From"/> says when no folder was given.</summary>
    private const string Made = "made from this machine's own indexes: one advisory and one invented CVE for each pending security update";

    private BenchFeeds(string directory, string from, DateOnly today)
    {
        Directory = directory;
        From = from;
        var content = FeedFolder.Read(directory, today.AddDays(FeedLimits.DaysAheadMax));
        if (content.Contents.OfType<FixContent>().FirstOrDefault() is null)
        {
            throw new BenchException($"{directory} holds no Debian advisories that can be read; wanted are the lists of DSA and DLA, or debian-advisories.jsonl. "
                + string.Join(" ", content.Problems));
        }
        Ages = content.Ages;
        Kev = content.Contents.OfType<KevContent>().FirstOrDefault();
        Snapshot = content.ToSnapshot();
    }

    /// <summary>Folder they lie in.</summary>
    public string Directory { get; }

    /// <summary>Where they are from, in words.</summary>
    public string From { get; }

    /// <summary>Feeds with age and records, ordered by name.</summary>
    public IReadOnlyList<FeedAge> Ages { get; }

    /// <summary>The KEV catalogue among them; null when there is none.</summary>
    public KevContent? Kev { get; }

    /// <summary>The feeds as the matcher takes them.</summary>
    public FeedSnapshot Snapshot { get; }

    /// <summary>Reads a folder of feeds.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="today">Today, UTC.</param>
    /// <exception cref="BenchException">It holds no advisories.</exception>
    public static BenchFeeds Read(string directory, DateOnly today) => new(directory, directory, today);

    /// <summary>Makes a list of advisories, for a machine without feeds.</summary>
    /// <param name="directory">Folder to make it in.</param>
    /// <param name="release">Codename of this machine's release.</param>
    /// <param name="pending">Updates that get an advisory each.</param>
    /// <param name="today">Date of the advisories.</param>
    /// <exception cref="BenchException">There are no updates.</exception>
    public static BenchFeeds Make(string directory, string release, IReadOnlyList<Upgrade> pending, DateOnly today)
    {
        File.WriteAllText(Path.Combine(directory, "dsa-list.txt"), MakeList(release, pending, today));
        return new BenchFeeds(directory, Made, today);
    }

    // Numbers that neither Debian nor the CVE programme will give out in our time.
    private static string MakeList(string release, IReadOnlyList<Upgrade> pending, DateOnly today)
    {
        var list = new StringBuilder();
        var day = today.ToString("dd MMM yyyy", CultureInfo.InvariantCulture);
        for (var number = 1; number <= pending.Count; number++)
        {
            var upgrade = pending[number - 1];
            list.Append(CultureInfo.InvariantCulture, $"[{day}] DSA-{90_000 + number}-1 {upgrade.Source} - security update\n");
            list.Append(CultureInfo.InvariantCulture, $"\t{{CVE-2099-{10_000 + number}}}\n\t[{release}] - {upgrade.Source} {upgrade.Version}\n");
        }
        return list.ToString();
    }
}
