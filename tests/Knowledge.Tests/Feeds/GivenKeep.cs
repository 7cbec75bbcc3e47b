using System.Globalization;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Keeping;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>A keep in a folder of its own, and feeds of a few records to import into it.</summary>
internal sealed class GivenKeep : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("suture-keep-");

    public static DateTimeOffset Now { get; } = new(2026, 8, 24, 10, 0, 0, TimeSpan.Zero);

    public string Folder => Path.Combine(_folder.FullName, "keep");

    public FeedKeep Keep => new(Folder);

    /// <summary>The snapshot of what is kept.</summary>
    public CompiledSnapshot Current => Keep.PutInForce(Keep.Load().Feeds);

    public void Dispose() => _folder.Delete(recursive: true);

    public FeedImport Import(params (string Name, string Text)[] files) => Import(Now, [], files);

    public FeedImport Import(DateTimeOffset now, IReadOnlyCollection<string> accept, params (string Name, string Text)[] files)
    {
        var from = Path.Combine(_folder.FullName, "from");
        if (Directory.Exists(from))
        {
            Directory.Delete(from, recursive: true);
        }
        foreach (var (name, text) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(from, name))!);
            File.WriteAllText(Path.Combine(from, name), text);
        }
        return Keep.Import(new FeedImportOptions { From = from, Now = now, Accept = accept });
    }

    /// <summary>The only kept file of a part, as it lies on the disk.</summary>
    public string PathOf(string feed, string part) => Path.Combine(Folder, feed, Keep.DigestOf(feed, part)!);

    /// <summary>Advisories numbered from 1, each of one CVE and one source.</summary>
    public static string List(string kind, int count, string day = "18 Aug 2026") => string.Concat(Enumerable.Range(1, count).Reverse().Select(number => string.Create(
        CultureInfo.InvariantCulture, $"[{day}] {kind}-{number}-1 {kind.ToLowerInvariant()}{number} - security update\n\t{{CVE-2026-{number:0000}}}\n\t[bookworm] - {kind.ToLowerInvariant()}{number} 1.0-{number}\n")));

    public static string Kev(int count, string added = "2026-08-18") => "cveID,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\n"
        + string.Concat(Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"CVE-2026-{number:0000},Name,{added},,Known\n")));

    public static string Templates(int count) =>
        string.Concat(Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"CVE-2026-{number:0000}\n")));

    public static string Mentions(int count) => "cve,first_seen,reference_links,github_links\n"
        + string.Concat(Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"CVE-2026-{number:0000},2026-01-02,1,2\n")));

    public static string Modules(int count) => "cve,source,first_seen\n"
        + string.Concat(Enumerable.Range(1, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"CVE-2026-{number:0000},Metasploit,2026-01-02\n")));
}
