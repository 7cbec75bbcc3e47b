using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Intelligence;
using Suture.Knowledge.Matching;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Tests.Matching;

/// <summary>Builds what a test does not care about.</summary>
internal static class Given
{
    public const string Release = "bookworm";

    public static InstalledPackage Package(string name, string version, string? sourceField = null, OriginKind origin = OriginKind.Distribution, string architecture = "amd64")
    {
        var source = DebianSource.Map(name, version, sourceField);
        return new InstalledPackage
        {
            Name = name,
            Version = version,
            Architecture = architecture,
            Source = source.Name,
            SourceVersion = source.Version,
            Origin = origin,
            OriginBasis = OriginBasis.Inferred,
        };
    }

    public static MatchInput Asset(params InstalledPackage[] packages) => new() { Release = Release, Packages = packages, State = State };

    /// <summary>A machine on which nothing is outdated and whose kernel is its host's own.</summary>
    public static MachineState State { get; } = new()
    {
        RunningKernel = new RunningKernel { Release = "6.1.0-30-amd64", Package = "linux-image-6.1.0-30-amd64", IsForeign = false },
        OutdatedProcesses = [],
        AvailableUpdates = [],
        Failures = [],
    };

    public static OutdatedProcess Process(string package, string command, string? unit, int processId = 100) => new()
    {
        Package = package,
        Command = command,
        Unit = unit,
        ProcessId = processId,
        StartedUtc = DateTimeOffset.UnixEpoch,
        Basis = OutdatedBasis.MapsReplacedFile,
        File = "/usr/lib/x.so",
    };

    public static AvailableUpdate Update(string package, string source, string version, bool isSecurity = true) => new()
    {
        Package = package,
        Architecture = "amd64",
        Version = version,
        Source = source,
        SourceVersion = version,
        Suite = "bookworm-security",
        IsSecurity = isSecurity,
        Sha256 = new string('0', 64),
        SizeBytes = 1,
    };

    public static FixRecord Fix(string source, string vulnerability, string version, string record = "DSA-1-1") =>
        new(Release, source, vulnerability, version, record, new DateOnly(2026, 8, 1), FeedNames.DebianDsa);

    public static FeedSnapshot Feeds(params FixRecord[] records) => new TestFeeds(records);
}

/// <summary>Feeds in memory: the same rules as the product's readers, built from records.</summary>
internal sealed class TestFeeds : FeedSnapshot
{
    private readonly Dictionary<(string Release, string Source), SourceFix[]> fixes = [];
    private readonly HashSet<string> releases = new(StringComparer.Ordinal);

    public TestFeeds(IEnumerable<FixRecord> records)
    {
        foreach (var source in records.GroupBy(record => (record.Release, record.Source)))
        {
            releases.Add(source.Key.Release);
            fixes[source.Key] = [.. source.GroupBy(record => record.Vulnerability).Select(Highest)];
            Array.Sort(fixes[source.Key], static (a, b) => DebianVersion.Compare(a.FixedVersion, b.FixedVersion) is var order and not 0 ? order : string.CompareOrdinal(a.Vulnerability, b.Vulnerability));
        }
    }

    public override string Digest => "";

    public override IReadOnlyList<FeedAge> Feeds { get; } = [new FeedAge { Feed = FeedNames.DebianDsa, ContentDate = new DateOnly(2026, 8, 21), Records = 1 }];

    public override IReadOnlyList<string> Releases => [.. releases.Order(StringComparer.Ordinal)];

    public override bool Covers(string release) => releases.Contains(release);

    public override IReadOnlyList<SourceFix> FixesOf(string release, string source) => fixes.GetValueOrDefault((release, source)) ?? [];

    public override IReadOnlyList<string> SourcesOf(string release) => [.. fixes.Keys.Where(key => key.Release == release).Select(key => key.Source).Order(StringComparer.Ordinal)];

    public override Vulnerability Find(string vulnerability) => new() { Id = vulnerability };

    /// <summary>Reads a prepared list of fixes.</summary>
    public static TestFeeds FromCsv(string file, string release) => new(File.ReadLines(file).Skip(1).Select(line =>
    {
        var cells = line.Split(',');
        return new FixRecord(release, cells[0], cells[1], cells[2], cells[4], DateOnly.Parse(cells[3], System.Globalization.CultureInfo.InvariantCulture), FeedNames.DebianDsa);
    }));

    private static SourceFix Highest(IGrouping<string, FixRecord> records)
    {
        var sorted = records.ToArray();
        Array.Sort(sorted, static (a, b) => DebianVersion.Compare(b.FixedVersion, a.FixedVersion));
        return new SourceFix(records.Key, sorted[0].FixedVersion, sorted);
    }
}
