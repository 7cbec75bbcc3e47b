using System.Diagnostics;
using System.Text.Json;
using NJsonSchema;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Tests;

namespace Suture.Cli.Tests;

public sealed class ScanTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private string[] Args(params string[] more) => ["scan", "--status", Path.Combine(_cli.Home, "status"), "--release", "bookworm", "--feeds", Path.Combine(_cli.Home, "feeds"), .. more];

    [Fact]
    public async Task Scan_StatusFile_ShowsFixesByRisk()
    {
        _cli.WriteWorld();

        var (exit, output, error) = await _cli.RunAsync(Args("--kernel", "6.1.0-30-amd64"));

        Assert.Equal((1, ""), (exit, error));
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= CliConsole.WidthDefault, line));
        Golden.AssertSame("scan.txt", output);
    }

    [Fact]
    public async Task Scan_NoFeeds_SaysWhatItCannotKnowAndHowToKnowIt()
    {
        _cli.WriteRoot();

        var (exit, output, error) = await _cli.RunAsync(["scan", "--root", Path.Combine(_cli.Home, "root")]);

        Assert.Equal((1, ""), (exit, error));
        Golden.AssertSame("scan-no-feeds.txt", output);
    }

    [Fact]
    public async Task Scan_NothingWrong_EndsWithZero()
    {
        _cli.WriteWorld();
        _cli.Write("status", "Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nSource: zlib\nVersion: 1:1.2.13.dfsg-1\n\n");

        var (exit, output, _) = await _cli.RunAsync(Args());

        Assert.Equal(0, exit);
        Golden.AssertSame("scan-clean.txt", output);
    }

    [Fact]
    public async Task Scan_Json_FitsThePublishedSchema()
    {
        _cli.WriteWorld();
        var schema = await JsonSchema.FromFileAsync(Path.Combine(TestPaths.Repository, "docs", "schema", "scan.json"));

        var (exit, output, _) = await _cli.RunAsync(Args("--json"));

        Assert.Equal(1, exit);
        Assert.Empty(schema.Validate(output));
        Assert.NotEmpty(schema.Validate(output.Replace("\"vulnerability\"", "\"vulnerabilty\"", StringComparison.Ordinal)));
        Assert.Empty(Closed(schema).Validate(output));
        Golden.AssertSame("scan.json", output);
    }

    [Fact]
    public async Task Scan_FeedsOfThisMachine_FitTheSchema()
    {
        _cli.WriteWorld();
        var schema = await JsonSchema.FromFileAsync(Path.Combine(TestPaths.Repository, "docs", "schema", "scan.json"));

        var (exit, output, error) = await _cli.RunAsync(["scan", "--feeds", Path.Combine(_cli.Home, "feeds"), "--json"]);

        Assert.True(exit is 0 or 1, error);
        Assert.Empty(Closed(schema).Validate(output));
    }

    [Fact]
    public async Task Scan_SecondTime_UsesTheCompiledCopyAndSaysTheSame()
    {
        _cli.WriteWorld();
        var first = await _cli.RunAsync(Args("--json"));
        var copy = Assert.Single(Directory.GetFiles(Path.Combine(_cli.Home, "suture"), "*.snapshot"));
        var written = File.GetLastWriteTimeUtc(copy);

        var second = await _cli.RunAsync(Args("--json"));

        Assert.Equal(first, second);
        Assert.Equal(written, File.GetLastWriteTimeUtc(copy));
    }

    [Fact]
    public async Task Scan_FeedChanged_IsNeverStale()
    {
        _cli.WriteWorld();
        await _cli.RunAsync(Args("--json"));

        _cli.Write("feeds/DSA/list", "[20 Aug 2026] DSA-6001-1 curl - security update\n\t{CVE-2026-0009}\n\t[bookworm] - curl 9-1\n");

        Assert.Equal(["CVE-2026-0009"], Report((await _cli.RunAsync(Args("--json"))).Out).Findings.Select(f => f.Vulnerability));
    }

    [Fact]
    public async Task Scan_FeedChangedWithSizeAndTimeKept_IsNeverStale()
    {
        _cli.WriteWorld();
        var path = _cli.Write("feeds/DSA/list", "[20 Aug 2026] DSA-6001-1 curl - security update\n\t{CVE-2026-0008}\n\t[bookworm] - curl 9-1\n");
        Assert.Equal(["CVE-2026-0008"], Report((await _cli.RunAsync(Args("--json"))).Out).Findings.Select(f => f.Vulnerability));
        var written = File.GetLastWriteTimeUtc(path);

        // As rsync -t leaves it: a file of the same size and time, moved into place.
        File.WriteAllText(path + ".new", File.ReadAllText(path).Replace("CVE-2026-0008", "CVE-2026-0009", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(path + ".new", written);
        File.Move(path + ".new", path, overwrite: true);
        Assert.Equal(["CVE-2026-0009"], Report((await _cli.RunAsync(Args("--json"))).Out).Findings.Select(f => f.Vulnerability));

        // And as rsync -t --inplace does.
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(File.ReadAllText(path).Replace("CVE-2026-0009", "CVE-2026-0010", StringComparison.Ordinal)));
        }
        File.SetLastWriteTimeUtc(path, written);
        Assert.Equal(["CVE-2026-0010"], Report((await _cli.RunAsync(Args("--json"))).Out).Findings.Select(f => f.Vulnerability));
    }

    [Fact]
    public async Task Scan_CopyDamaged_ReadsTheFeedsAgain()
    {
        _cli.WriteWorld();
        var first = await _cli.RunAsync(Args("--json"));
        var copy = Assert.Single(Directory.GetFiles(Path.Combine(_cli.Home, "suture"), "*.snapshot"));
        var bytes = File.ReadAllBytes(copy);
        bytes[^20] ^= 1;
        File.WriteAllBytes(copy, bytes);

        Assert.Equal(first, await _cli.RunAsync(Args("--json")));
        Assert.NotEqual(bytes, File.ReadAllBytes(copy));
    }

    [Fact]
    public async Task Scan_OneFeedFaulty_UsesTheOthersAndSaysSo()
    {
        _cli.WriteWorld();
        _cli.Write("feeds/epss_scores-2026-08-23.csv", "cve,epss,percentile\nCVE-2026-0001,NaN,0.99\n");

        foreach (var time in (string[])["first", "from the copy"])
        {
            var (_, output, _) = await _cli.RunAsync(Args("--json"));
            var unknown = Assert.Single(Report(output).Unknown, item => item.Subject == "feeds");
            Assert.True(unknown.Reason.StartsWith("first-epss: epss_scores-2026-08-23.csv, line 2: epss is 'NaN'", StringComparison.Ordinal), time);
        }
    }

    [Theory]
    [InlineData(3, "There is no folder", "scan", "--feeds", "/nowhere/feeds")]
    [InlineData(2, "--status needs --release", "scan", "--status", "/etc/hostname")]
    [InlineData(2, "goes with --status", "scan", "--release", "bookworm")]
    [InlineData(2, "--kernel goes with --status or with the --root of a mounted system", "scan", "--kernel", "6.1.0-30-amd64")]
    [InlineData(2, "--root is empty", "scan", "--root", "")]
    [InlineData(2, "--status is empty", "scan", "--status", "", "--release", "bookworm")]
    [InlineData(2, "--feeds is empty", "scan", "--feeds", "")]
    [InlineData(2, "--kernel is empty", "scan", "--status", "/etc/hostname", "--release", "bookworm", "--kernel", "")]
    [InlineData(2, "'nonsense' is no CVE id", "explain", "nonsense")]
    [InlineData(2, "exclude each other", "scan", "--status", "/etc/hostname", "--release", "bookworm", "--root", "/")]
    [InlineData(2, "--bogus", "scan", "--bogus")]
    [InlineData(2, "No command is given")]
    [InlineData(2, "suture", "nonsense")]
    [InlineData(2, "Run ./suture feeds import --help", "feeds", "import")]
    [InlineData(3, "There is no folder", "feeds", "import", "/nowhere/feeds")]
    [InlineData(2, "Ecosystem 'rpm'", "version", "compare", "rpm", "1", "2")]
    [InlineData(2, "Only one version", "version", "compare", "deb", "1")]
    [InlineData(2, "not a Debian version", "version", "compare", "deb", "1", "x y")]
    public async Task Run_WrongUse_SaysWhatIsWanted(int wanted, string text, params string[] args)
    {
        var (exit, output, error) = await _cli.RunAsync(args);

        Assert.Equal((wanted, ""), (exit, output));
        Assert.Contains(text, error);
    }

    [Fact]
    public async Task Scan_FolderWithoutFeeds_FailsWithAReason()
    {
        _cli.Write("feeds/readme.txt", "nothing");

        var (exit, _, error) = await _cli.RunAsync(["scan", "--feeds", Path.Combine(_cli.Home, "feeds")]);

        Assert.Equal(3, exit);
        Assert.Contains("no file with a feed's name", error);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("bullseye")]
    [InlineData("trixie")]
    public async Task Scan_RealAdvisories_EqualTheOracle(string release)
    {
        var data = TestPaths.RequireData();
        Assert.SkipUnless(File.Exists("/var/lib/dpkg/status") && File.Exists("/usr/bin/python3"), "Needs a Debian machine with python3.");
        var table = Path.Combine(data, "debian", $"{release}-fixes.csv");
        var status = OldStatus(release, File.ReadLines(table).Skip(1).Select(line => line[..line.IndexOf(',', StringComparison.Ordinal)]));
        var truth = await OracleAsync(status, table, "6.1.0-30-amd64");

        var (exit, output, error) = await _cli.RunAsync(
            ["scan", "--status", status, "--release", release, "--kernel", "6.1.0-30-amd64", "--feeds", Path.Combine(data, "debian"), "--json"]);

        Assert.True(exit is 0 or 1, error);
        var ours = Report(output).Findings.Where(f => f.Status == FindingStatus.Affected && !f.IsUnrated).Select(f => $"{f.Vulnerability} {f.Package}").Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Equal(truth, ours);
        Assert.True(ours.Count > 100, $"only {ours.Count} pairs were compared");
    }

    // This machine's packages, each source at version 1, so that every advisory of them applies; and, since a small machine has few, sources that have advisories.
    private string OldStatus(string release, IEnumerable<string> sources)
    {
        var lines = File.ReadAllLines("/var/lib/dpkg/status").Where(line => !line.StartsWith("Config-Version:", StringComparison.Ordinal)).Select(
            line => line.StartsWith("Version:", StringComparison.Ordinal) ? "Version: 1:1.0-1"
                : line.StartsWith("Source:", StringComparison.Ordinal) && line.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? line[..at] : line);
        var more = sources.Distinct(StringComparer.Ordinal).Take(20).Select(source => $"Package: of-{source}\nStatus: install ok installed\nArchitecture: amd64\nSource: {source}\nVersion: 1:1.0-1\n\n");
        return _cli.Write($"status-{release}", string.Join('\n', lines) + $"\n\n{string.Concat(more)}Package: linux-image-6.1.0-30-amd64\nStatus: install ok installed\nArchitecture: amd64\nSource: linux-signed-amd64 (6.1.124+1)\nVersion: 6.1.124-1\n\n");
    }

    private static async Task<List<string>> OracleAsync(string status, string table, string kernel)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(TestPaths.Repository, "tests", "tools", "truth.py"), status, table, "--kernel", kernel]) { RedirectStandardOutput = true },
        };
        process.Start();
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    // Readers must take members that they do not know; we must not write any that the schema does not name.
    private static JsonSchema Closed(JsonSchema schema)
    {
        foreach (var part in schema.Definitions.Values.Append(schema))
        {
            part.AllowAdditionalProperties = false;
        }
        return schema;
    }

    private static ScanReport Report(string json) => JsonSerializer.Deserialize(json, ContractsJson.Default.ScanReport)!;
}
