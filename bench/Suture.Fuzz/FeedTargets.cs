using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Compiled;
using Suture.Knowledge.Feeds.Readers;
using Suture.Knowledge.Versions;

namespace Suture.Fuzz;

/// <summary>What publishers of feeds deliver and a person imports, and the compiled copy of it.</summary>
internal static class FeedTargets
{
    private const int WalkedMax = 100;

    /// <summary>A CVE of 15 characters in a list is a string and an entry, a fix of 30 two strings and a record; the real list costs 12 bytes a byte.</summary>
    private const int ListFactor = 15;

    /// <summary>The shortest row of a table has 20 characters and is an id, an entry of a table by id, and a record; the real ones cost 6 to 8 bytes a byte.</summary>
    private const int RowFactor = 15;

    /// <summary>The shortest row names a CVE in 14 characters, which is an id, an entry, a list, and a signal with its evidence: some 450 bytes. The real lists cost 7 to 32 bytes a byte.</summary>
    private const int EvidenceFactor = 40;

    private static readonly DateOnly Latest = new(2026, 11, 30);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Feed("debian-list", FeedFileKind.DebianList, "DSA_list.txt", ListFactor),
        Feed("debian-list-archive", FeedFileKind.DebianListArchive, "debian-tracker.zip", ListFactor),
        Feed("debian-advisories", FeedFileKind.DebianAdvisories, "debian-advisories.jsonl"),
        Feed("debian-fixes", FeedFileKind.DebianFixes, "bookworm-fixes.csv"),
        Feed("kev", FeedFileKind.Kev, "known_exploited_vulnerabilities.json"),
        Feed("epss", FeedFileKind.Epss, "epss_scores-2026-08-16.csv", RowFactor),
        Feed("cve-record", FeedFileKind.CveRecord, "CVE-2026-0001.json"),
        Feed("cve-archive", FeedFileKind.CveArchive, "cves.zip"),
        Feed("cve-meta", FeedFileKind.CveMeta, "cve-meta.csv", RowFactor),
        Feed("vulnrichment", FeedFileKind.Vulnrichment, "vulnrichment.csv", RowFactor),
        Feed("exploit-mentions", FeedFileKind.ExploitMentions, "poc-index.csv", EvidenceFactor),
        Feed("exploit-templates", FeedFileKind.ExploitTemplates, "nuclei.txt", EvidenceFactor),
        Feed("exploit-history", FeedFileKind.ExploitHistory, "patchthisapp.csv", EvidenceFactor),
        new("snapshot", input => Open(input, _ => { })) { Use = input => Open(input, Walk) },
        new("debian-version", Version),
        new("purl", PackageUrl),
    ];

    private static FuzzTarget Feed(string name, FeedFileKind kind, string file, int factor = FuzzTarget.FactorDefault) => new(name, input => Measure(kind, file, input)) { Factor = factor, Use = input => Compile(Read(kind, file, input)) };

    private static FileRead Read(FeedFileKind kind, string file, byte[] input) =>
        FeedFileReader.Read(new FeedFile(kind, file, $"/{file}", default), new MemoryStream(input, writable: false), Latest);

    private static void Compile(FileRead read)
    {
        foreach (var content in read.Contents)
        {
            Walk(FeedSnapshotBuilder.Compile(content));
        }
    }

    private static long Measure(FeedFileKind kind, string file, byte[] input)
    {
        _ = Read(kind, file, input);
        var most = FeedFiles.BytesMaxOf(kind, file);
        return kind is FeedFileKind.CveArchive or FeedFileKind.DebianListArchive ? Unpacked.OfZip(input, most) : Unpacked.OfGzip(input, most);
    }

    // The file is this user's own, and its checksum finds damage, not malice: so it is made to fit, and all that is in it is read.
    private static long Open(byte[] input, Action<CompiledSnapshot> use)
    {
        var bytes = new byte[Math.Max(SnapshotFormat.HeaderBytes, (input.Length + 7) & ~7)];
        input.CopyTo(bytes, 0);
        BitConverter.TryWriteBytes(bytes.AsSpan(16), (ulong)bytes.Length);
        BitConverter.TryWriteBytes(bytes.AsSpan(SnapshotFormat.ChecksumAt), SnapshotFormat.Checksum(bytes));
        using var snapshot = CompiledSnapshot.Open(Scratch.Write(bytes)).Content;
        if (snapshot is not null)
        {
            try
            {
                use(snapshot);
            }
            catch (InvalidDataException)
            {
                // What reading a damaged snapshot answers.
            }
        }
        return bytes.Length;
    }

    private static void Walk(CompiledSnapshot snapshot)
    {
        foreach (var fix in snapshot.Fixes().Take(WalkedMax))
        {
            _ = snapshot.Find(fix.Vulnerability);
        }
        for (var place = 0; place < Math.Min(snapshot.Vulnerabilities, WalkedMax); place++)
        {
            _ = snapshot.VulnerabilityAt(place);
        }
    }

    private static long Version(byte[] input)
    {
        var texts = Text(input).Split('\n', 3);
        foreach (var text in texts)
        {
            if (DebianVersion.TryParse(text, out _, out _) != DebianVersion.IsValid(text))
            {
                throw new BrokenPromiseException($"'{text}' is valid in one place and not in the other");
            }
        }
        var orders = new int[texts.Length, texts.Length];
        for (var left = 0; left < texts.Length; left++)
        {
            for (var right = 0; right < texts.Length; right++)
            {
                orders[left, right] = DebianVersion.Compare(texts[left], texts[right]);
            }
        }
        for (var left = 0; left < texts.Length; left++)
        {
            for (var right = 0; right < texts.Length; right++)
            {
                if (orders[left, right] != -orders[right, left])
                {
                    throw new BrokenPromiseException($"'{texts[left]}' and '{texts[right]}' have two orders");
                }
                for (var third = 0; third < texts.Length; third++)
                {
                    if (orders[left, right] <= 0 && orders[right, third] <= 0 && orders[left, third] > 0)
                    {
                        throw new BrokenPromiseException($"'{texts[left]}', '{texts[right]}' and '{texts[third]}' go round in a circle");
                    }
                }
            }
        }
        return 0;
    }

    private static long PackageUrl(byte[] input)
    {
        if (Purl.TryParse(Text(input), out var purl, out _) && (!Purl.TryParse(purl.ToString(), out var again, out var fault) || again != purl))
        {
            throw new BrokenPromiseException($"'{purl}' is not read as it was written");
        }
        return 0;
    }

    private static string Text(byte[] input) => System.Text.Encoding.UTF8.GetString(input);
}
