using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Matching;
using Suture.Knowledge.Tests.Versions;
using Suture.Knowledge.Versions;
using Suture.Tests;

namespace Suture.Knowledge.Tests.Matching;

/// <summary>Findings against <c>tests/tools/truth.py</c>, which shares no code with the product: none missing, none extra.</summary>
public class OracleTests
{
    private const string StatusFile = "/var/lib/dpkg/status";

    private static readonly Lazy<Task<List<Stanza>>> archiveOfThisMachine = new(async () =>
        Stanza.Read((await Tool.RunAsync(Tool.AptCache, ["dumpavail"])).Output, needsStatus: false));

    [Theory]
    [InlineData("bookworm")]
    [InlineData("bullseye")]
    [InlineData("trixie")]
    public async Task Match_ThisMachine_IsTheTruth(string release)
    {
        var status = await ReadMachineAsync();

        await CompareAsync(status, release, kernel: null);
    }

    [Fact]
    public async Task Match_ThisMachineWithOlderVersions_IsTheTruth()
    {
        var data = TestPaths.RequireData();
        var status = Age(await ReadMachineAsync(), Feeds(data, "bookworm"), "bookworm");

        var found = await CompareAsync(status, "bookworm", kernel: null);

        Assert.True(found >= 300, $"{found} findings; several hundred are wanted for this to mean something");
    }

    [Fact]
    public async Task Match_EveryPackageOfTheArchive_IsTheTruth()
    {
        var archive = await ReadArchiveAsync();

        await CompareAsync(archive, "bookworm", KernelWithAllPackages(archive));
        await CompareAsync(archive, "trixie", KernelWithAllPackages(archive));
    }

    [Fact]
    public async Task Match_EveryPackageOfTheArchiveWithOlderVersions_IsTheTruth()
    {
        var data = TestPaths.RequireData();
        var archive = Age(await ReadArchiveAsync(), Feeds(data, "bookworm"), "bookworm");

        var found = await CompareAsync(archive, "bookworm", KernelWithAllPackages(archive));

        Assert.True(found >= 10_000, $"{found} findings");
    }

    // Returns the number of pairs, equal on both sides.
    private static async Task<int> CompareAsync(IReadOnlyList<Stanza> status, string release, string? kernel)
    {
        var data = TestPaths.RequireData();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, string.Join("\n\n", status.Select(stanza => stanza.ToText())) + "\n");
            string[] arguments = [Path.Combine(TestPaths.Repository, "tests/tools/truth.py"), file, Fixes(data, release), .. kernel is null ? Array.Empty<string>() : ["--kernel", kernel]];
            var (exitCode, output) = await Tool.RunAsync(Tool.Python, arguments);
            Assert.Equal(0, exitCode);
            var truth = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

            var findings = Matcher.Match(Input(status, release, kernel), Feeds(data, release)).Findings;
            var ours = findings.Select(finding => $"{finding.Vulnerability} {finding.Package}").ToHashSet(StringComparer.Ordinal);

            Assert.Empty(truth.Except(ours));
            Assert.Empty(ours.Except(truth));
            Assert.All(findings, finding => Assert.True(finding.Status is FindingStatus.Affected or FindingStatus.PendingEffect));
            TestContext.Current.SendDiagnosticMessage("{0} packages against {1}: {2} pairs, 0 missing, 0 extra", status.Count, release, truth.Count);
            return truth.Count;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static MatchInput Input(IReadOnlyList<Stanza> status, string release, string? kernel) => new()
    {
        Release = release,
        Packages = [.. status.Select(stanza => Given.Package(stanza.Package, stanza.Version, stanza.Source))],
        State = kernel is null ? null : Given.State with { RunningKernel = new RunningKernel { Release = kernel, IsForeign = false } },
    };

    // A release of which the archive has the signed image, the unsigned one and the symbols: found by their names alone, without the product's rule for them.
    private static string KernelWithAllPackages(IReadOnlyList<Stanza> archive)
    {
        const string start = "linux-image-";
        const string end = "-amd64-unsigned";
        var names = archive.Select(stanza => stanza.Package).ToHashSet(StringComparer.Ordinal);
        var unsigned = names.Where(name => name.StartsWith(start, StringComparison.Ordinal) && name.EndsWith(end, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Last();
        var kernel = unsigned[start.Length..^"-unsigned".Length];
        Assert.True(names.Contains(start + kernel) && names.Contains($"{start}{kernel}-dbg"), $"The archive has not all packages of {kernel}.");
        return kernel;
    }

    // Each package whose source has fixes gets a version below one of them: below the first, the middle or the last, in turn.
    private static List<Stanza> Age(IReadOnlyList<Stanza> status, FeedSnapshot feeds, string release)
    {
        var aged = new List<Stanza>(status.Count);
        foreach (var stanza in status)
        {
            var source = DebianSource.Map(stanza.Package, stanza.Version, stanza.Source);
            var fixes = feeds.FixesOf(release, source.Name);
            if (fixes.Count == 0)
            {
                aged.Add(stanza);
                continue;
            }
            var version = fixes[(aged.Count % 3) * (fixes.Count - 1) / 2].FixedVersion + "~aged";
            aged.Add(aged.Count % 2 == 0 ? stanza with { Source = $"{source.Name} ({version})" } : new Stanza(stanza.Package, version, source.Name));
        }
        return aged;
    }

    private static FeedSnapshot Feeds(string data, string release) => TestFeeds.FromCsv(Fixes(data, release), release);

    private static string Fixes(string data, string release) => Path.Combine(data, "debian", $"{release}-fixes.csv");

    private static async Task<IReadOnlyList<Stanza>> ReadMachineAsync()
    {
        Assert.SkipUnless(File.Exists(StatusFile) && File.Exists(Tool.Python), "No dpkg status file or no python3 on this machine.");
        TestPaths.RequireData();
        return Stanza.Read(await File.ReadAllTextAsync(StatusFile), needsStatus: true);
    }

    private static async Task<IReadOnlyList<Stanza>> ReadArchiveAsync()
    {
        Assert.SkipUnless(File.Exists(Tool.AptCache) && File.Exists(Tool.Python), "No apt-cache or no python3 on this machine.");
        TestPaths.RequireData();
        var stanzas = await archiveOfThisMachine.Value;
        Assert.SkipUnless(stanzas.Count > 10_000, "apt has no index of the archive on this machine.");
        return stanzas;
    }

    private sealed record Stanza(string Package, string Version, string? Source)
    {
        public string ToText() => $"Package: {Package}\nStatus: install ok installed\n{(Source is null ? "" : $"Source: {Source}\n")}Version: {Version}";

        public static List<Stanza> Read(string text, bool needsStatus)
        {
            var stanzas = new List<Stanza>();
            foreach (var block in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            {
                string? Field(string name)
                {
                    var at = block.StartsWith(name + ": ", StringComparison.Ordinal) ? 0 : block.IndexOf($"\n{name}: ", StringComparison.Ordinal) + 1;
                    return at == 0 && !block.StartsWith(name + ": ", StringComparison.Ordinal) ? null : block[(at + name.Length + 2)..].Split('\n', 2)[0];
                }
                if (Field("Package") is { } package && Field("Version") is { } version && (!needsStatus || Field("Status")?.EndsWith(" installed", StringComparison.Ordinal) == true))
                {
                    stanzas.Add(new Stanza(package, version, Field("Source")));
                }
            }
            return stanzas;
        }
    }
}
