using Suture.Knowledge.Feeds;

namespace Suture.Advisories.Fetching;

/// <summary>How feeds are fetched and kept.</summary>
public sealed class FeedOptions
{
    /// <summary>The publishers' own addresses, where there is one in a format that is read here.</summary>
    /// <remarks>
    /// Sources: Debian's security tracker, https://security-tracker.debian.org/tracker/data/report (its repository on salsa); CISA,
    /// https://www.cisa.gov/known-exploited-vulnerabilities-catalog; FIRST, https://www.first.org/epss/data_stats. CVE records and exploit lists have no
    /// default: those are hundreds of megabytes a day or no file at all; <c>docs/feeds.yaml</c> shows how they are named.
    /// </remarks>
    public static IReadOnlyList<FeedSource> PublicSources { get; } =
    [
        new()
        {
            Feed = FeedNames.DebianDsa, FileName = "DSA_list.txt",
            Url = new Uri("https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DSA/list"),
        },
        new()
        {
            Feed = FeedNames.DebianDla, FileName = "DLA_list.txt",
            Url = new Uri("https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DLA/list"),
        },
        new()
        {
            Feed = FeedNames.CisaKev, FileName = "known_exploited_vulnerabilities.json",
            Url = new Uri("https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"),
        },
        new()
        {
            Feed = FeedNames.FirstEpss, FileName = "epss_scores-current.csv.gz",
            Url = new Uri("https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"),
        },
    ];

    /// <summary>Folder of the feeds in force.</summary>
    public string Directory { get; set; } = "";

    /// <summary>False to fetch nothing; imports still work.</summary>
    public bool IsFetching { get; set; } = true;

    /// <summary>Addresses; at most one a part of a feed.</summary>
    public IReadOnlyList<FeedSource> Sources { get; set; } = PublicSources;
}
