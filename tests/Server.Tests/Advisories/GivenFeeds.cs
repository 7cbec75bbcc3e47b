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
    internal static byte[] AdvisoryList(string kind, int count, string version = "1.2-3+deb12u1") => Text(string.Concat(
        Enumerable.Range(1, count).Reverse().Select(number => string.Create(CultureInfo.InvariantCulture,
            $"[18 Aug 2026] {kind}-{number}-1 source{number} - security update\n\t{{CVE-2026-{number:0000}}}\n\t[bookworm] - source{number} {version}\n"))));

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
