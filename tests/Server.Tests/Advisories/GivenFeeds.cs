using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Suture.Server.Tests.Advisories;

/// <summary>Feeds of a few records, in their publishers' formats.</summary>
internal static class GivenFeeds
{
    internal const string KevFile = "known_exploited_vulnerabilities.csv";
    internal const string EpssFile = "epss_scores-2026-08-18.csv.gz";
    internal const string DsaFile = "DSA_list.txt";
    internal const string DlaFile = "DLA_list.txt";

    internal static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    internal static byte[] Kev(int entries, string added = "2026-08-18") => Text(
        "cveID,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\n"
        + string.Concat(Enumerable.Range(1, entries).Select(number => string.Create(CultureInfo.InvariantCulture, $"CVE-2026-{number:0000},Test,{added},2026-09-01,Known\n"))));

    internal static byte[] Epss(int scores, string first = "0.5") => Gzip(Text(
        "#model_version:v2026.06.15,score_date:2026-08-18T00:00:00+0000\ncve,epss,percentile\n"
        + string.Concat(Enumerable.Range(1, scores).Select(number => string.Create(CultureInfo.InvariantCulture, $"CVE-2026-{number:0000},{(number == 1 ? first : "0.25")},0.9\n")))));

    /// <summary>Advisories from number 1 on, the newest first, of one day.</summary>
    internal static byte[] AdvisoryList(string kind, int count, string version = "1.2-3+deb12u1", string day = "18 Aug 2026") => Text(string.Concat(
        Enumerable.Range(1, count).Reverse().Select(number => string.Create(CultureInfo.InvariantCulture,
            $"[{day}] {kind}-{number}-1 source{number} - security update\n\t{{CVE-2026-{number:0000}}}\n\t[bookworm] - source{number} {version}\n"))));

    internal static byte[] Templates(int count) => Lines("", count, number => number);

    internal static byte[] Modules(int count, string day = "2026-08-18") => Lines("cve,source,first_seen\n", count, number => $"{number},Metasploit,{day}");

    /// <summary>A text of a line a CVE, after its heading.</summary>
    internal static byte[] Lines(string heading, int count, Func<string, string> line) => Text(heading + string.Concat(
        Enumerable.Range(1, count).Select(number => line(string.Create(CultureInfo.InvariantCulture, $"CVE-2026-{number:0000}")) + "\n")));

    /// <summary>A zip archive.</summary>
    internal static byte[] Zip(IEnumerable<(string Name, byte[] Content)> entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        }
        return bytes.ToArray();
    }

    /// <summary>The bytes cut off somewhere (even turns) or with one bit changed (odd ones); the same every time.</summary>
    internal static byte[] Damage(byte[] good, int turn)
    {
        var place = (int)(unchecked((uint)(turn + 1) * 2_654_435_761) % (uint)good.Length);
        if (turn % 2 == 0)
        {
            return good[..place];
        }
        byte[] changed = [.. good];
        changed[place] ^= (byte)(1 << (turn / 2 % 8));
        return changed;
    }

    internal static byte[] Gzip(byte[] plain)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            zip.Write(plain);
        }
        return packed.ToArray();
    }
}
