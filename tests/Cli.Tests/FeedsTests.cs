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
        Assert.Contains("run ./suture feeds import DIR", error);
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
