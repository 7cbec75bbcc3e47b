using System.ComponentModel.DataAnnotations;

namespace Suture.Advisories.Fetching;

/// <summary>A public address a feed is fetched from.</summary>
public sealed record FeedSource
{
    /// <summary>Feed, see <see cref="Knowledge.Feeds.FeedNames"/>.</summary>
    public required string Feed { get; init; }

    /// <summary>Where.</summary>
    public required Uri Url { get; init; }

    /// <summary>Name of the file by which its reader knows it.</summary>
    public required string FileName { get; init; }

    /// <summary>Bytes at the most; a larger answer is refused.</summary>
    public long BytesMax { get; init; } = 128L << 20;
}

/// <summary>How feeds are fetched and kept.</summary>
public sealed class FeedOptions
{
    /// <summary>Folder of the files in force.</summary>
    [Required]
    public string Directory { get; set; } = "";

    /// <summary>False to fetch nothing; imports still work.</summary>
    public bool IsFetching { get; set; } = true;

    /// <summary>Time between looks at each address.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Addresses; the publishers' own.</summary>
    public IReadOnlyList<FeedSource> Sources { get; set; } =
    [
        new()
        {
            Feed = Knowledge.Feeds.FeedNames.DebianDsa, FileName = "DSA_list.txt",
            Url = new Uri("https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DSA/list"),
        },
        new()
        {
            Feed = Knowledge.Feeds.FeedNames.DebianDla, FileName = "DLA_list.txt",
            Url = new Uri("https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DLA/list"),
        },
        new()
        {
            Feed = Knowledge.Feeds.FeedNames.CisaKev, FileName = "known_exploited_vulnerabilities.json",
            Url = new Uri("https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"),
        },
        new()
        {
            Feed = Knowledge.Feeds.FeedNames.FirstEpss, FileName = "epss_scores-current.csv.gz",
            Url = new Uri("https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"),
        },
    ];
}
