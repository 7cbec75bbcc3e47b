namespace Suture.Cli.Tests;

public sealed class FeedsTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private string[] Import => ["feeds", "import", Path.Combine(_cli.Home, "feeds")];

    [Fact]
    public async Task Status_NothingImported_SaysHowToImport()
    {
        var (exit, _, error) = await _cli.RunAsync(["feeds", "status"]);

        Assert.Equal(3, exit);
        Assert.Equal("suture: Feeds of this machine's own scans, in HOME/suture/feeds: none yet; run ./suture feeds import DIR.\n", error);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("import", "HOME/feeds")]
    public async Task Feeds_SomebodySignedIn_AreTheServersUnlessLocalIsGiven(params string[] args)
    {
        _cli.WriteWorld();
        _cli.SignIn("http://127.0.0.1:1/");
        string[] command = ["feeds", .. args.Select(arg => arg.Replace("HOME", _cli.Home, StringComparison.Ordinal))];
        await _cli.RunAsync([.. Import, "--local"]);

        Assert.Contains("No server answers on http://127.0.0.1:1/", (await _cli.RunAsync(command)).Error);
        Assert.Contains("Feeds of this machine's own scans, in HOME/suture/feeds:", (await _cli.RunAsync([.. command, "--local"])).Out);
        Assert.Contains("No server answers on http://127.0.0.1:2/", (await _cli.RunAsync([.. command, "--server", "http://127.0.0.1:2"])).Error);
    }

    [Fact]
    public async Task Feeds_ServerNamedByTheEnvironment_AreTheServers()
    {
        _cli.Server = "http://127.0.0.1:3/";

        Assert.Contains("No server answers on http://SERVER/", (await _cli.RunAsync(["feeds", "status"])).Error);
    }

    [Theory]
    [InlineData("--local and --server exclude each other", "feeds", "status", "--local", "--server", "http://127.0.0.1:1")]
    [InlineData("--accept is 'kev'; wanted is one of cisa-kev, cisa-vulnrichment", "feeds", "import", "x", "--accept", "kev")]
    public async Task Feeds_WrongArguments_AreRefused(string message, params string[] args)
    {
        var (exit, _, error) = await _cli.RunAsync(args);

        Assert.Equal((2, true), (exit, error.Contains(message, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("nothing", 3, "holds no file with a feed's name. Names are: DSA_list*, DLA_list*")]
    [InlineData("nowhere", 3, "There is no folder")]
    public async Task Import_NothingToRead_SaysWhat(string folder, int expected, string message)
    {
        Directory.CreateDirectory(Path.Combine(_cli.Home, "nothing"));

        var (exit, _, error) = await _cli.RunAsync(["feeds", "import", Path.Combine(_cli.Home, folder)]);

        Assert.Equal((expected, true), (exit, error.Contains(message, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Import_Help_NamesTheFiles()
    {
        var (_, output, _) = await _cli.RunAsync(["feeds", "import", "--help"]);

        Assert.Contains("patchthisapp*.csv", output.ReplaceLineEndings(" "));
    }

    [Fact]
    public async Task Import_EverythingRefused_EndsAsWithOneRefused()
    {
        _cli.Write("feeds/known_exploited_vulnerabilities.csv", "<html>Moved</html>");

        var (exit, output, error) = await _cli.RunAsync(Import);

        Assert.Equal((1, true), (exit, error.StartsWith("suture: refused cisa-kev: known_exploited_vulnerabilities.csv, line 1: it is a web page", StringComparison.Ordinal)));
        Assert.Contains("cisa-kev  not in force", output);
        Assert.Equal(1, (await _cli.RunAsync(["feeds", "status"])).Exit);
    }

    [Fact]
    public async Task Import_DlaDamaged_KeepsItsFindings()
    {
        _cli.WriteWorld();
        _cli.Write("feeds/DLA/list", "[10 Aug 2026] DLA-1-1 zlib - security update\n\t{CVE-2026-0007}\n\t[bookworm] - zlib 1:9\n");
        await _cli.RunAsync(Import);
        _cli.Write("feeds/DLA/list", "[10 Aug 2026");

        var (exit, _, error) = await _cli.RunAsync(Import);

        Assert.Equal(1, exit);
        Assert.StartsWith("suture: refused debian-dla: DLA/list: it holds no advisory", error);
        var scan = await _cli.RunAsync(["scan", "--status", Path.Combine(_cli.Home, "status"), "--release", "bookworm", "--json"]);
        Assert.Contains("CVE-2026-0007", scan.Out);
    }

    [Fact]
    public async Task Import_OneLineLeftOut_IsSaidInTheSingular()
    {
        _cli.Write("feeds/nuclei.txt", "CVE-2026-0001\nnothing\n");

        var (_, output, _) = await _cli.RunAsync(Import);

        Assert.Contains("nuclei.txt: 1 line left out: line 2: 'nothing' is no CVE id", output);
    }

    [Fact]
    public async Task Import_Json_IsWhatTheServerSends()
    {
        _cli.WriteWorld();
        _cli.Write("feeds/known_exploited_vulnerabilities.csv", "<html>Moved</html>");

        var (_, output, _) = await _cli.RunAsync([.. Import, "--json"]);

        var answer = System.Text.Json.JsonSerializer.Deserialize(output, Contracts.ContractsJson.Default.FeedImportAnswer)!;
        Assert.Equal(["debian-dsa", "first-epss"], answer.Taken);
        Assert.StartsWith("cisa-kev: ", Assert.Single(answer.Problems), StringComparison.Ordinal);
        Assert.Equal(["cisa-kev", "debian-dsa", "first-epss"], answer.Items.Select(row => row.Feed));
    }

    [Fact]
    public async Task Import_GoodFeeds_AreInForceAndShown()
    {
        _cli.WriteWorld();

        var (exit, output, error) = await _cli.RunAsync(Import);

        Assert.Equal((0, ""), (exit, error));
        Golden.AssertSame("feeds-import.txt", output);
        Assert.Equal((0, output, ""), await _cli.RunAsync(["feeds", "status"]));
        Assert.Single(Directory.GetFiles(Path.Combine(_cli.Home, "suture", "feeds"), "*.snapshot"));
    }

    [Fact]
    public async Task Import_FaultyFeed_KeepsTheLastGoodOne()
    {
        _cli.WriteWorld();
        await _cli.RunAsync(Import);
        _cli.Write("feeds/known_exploited_vulnerabilities.csv", "<html>Moved</html>");
        _cli.Time.Advance(TimeSpan.FromDays(1));

        var (exit, output, error) = await _cli.RunAsync(Import);

        Assert.Equal(1, exit);
        Assert.Contains("suture: refused cisa-kev: known_exploited_vulnerabilities.csv, line 1: it is a web page", error);
        Golden.AssertSame("feeds-kept.txt", output);
    }

    [Fact]
    public async Task Import_HalfOfTheEntriesGone_KeepsTheLastGoodOne()
    {
        _cli.Write("feeds/nuclei-cve-list.txt", string.Concat(Enumerable.Range(1000, 40).Select(i => $"CVE-2026-{i}\n")));
        await _cli.RunAsync(Import);
        _cli.Write("feeds/nuclei-cve-list.txt", string.Concat(Enumerable.Range(1000, 19).Select(i => $"CVE-2026-{i}\n")));

        var (exit, output, error) = await _cli.RunAsync(Import);

        Assert.Equal((1, true), (exit, error.Contains("fewer than half", StringComparison.Ordinal)));
        Assert.Contains(" 40 ", output);
    }

    [Fact]
    public async Task Import_OlderFeed_KeepsTheNewerOne()
    {
        _cli.WriteWorld();
        await _cli.RunAsync(Import);
        File.Delete(Path.Combine(_cli.Home, "feeds", "epss_scores-2026-08-23.csv"));
        _cli.Write("feeds/epss_scores-2026-08-22.csv", "cve,epss,percentile\nCVE-2026-0001,0.7,0.99\n");

        var (exit, output, error) = await _cli.RunAsync(Import);

        Assert.Equal((1, true), (exit, error.Contains("never goes back in time", StringComparison.Ordinal)));
        Assert.Contains("2026-08-23", output);
    }

    [Fact]
    public async Task Import_FolderWithoutAFeed_KeepsThoseInForce()
    {
        _cli.WriteWorld();
        await _cli.RunAsync(Import);
        File.Delete(Path.Combine(_cli.Home, "feeds", "DSA", "list"));

        var (exit, output, _) = await _cli.RunAsync(Import);

        Assert.Equal(0, exit);
        Assert.Contains("debian-dsa", output);
    }
}
