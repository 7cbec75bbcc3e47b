using Suture.Agent.Jobs;
using Suture.Agent.Platforms.Linux;

namespace Suture.Agent.Tests.Platforms;

/// <summary>The real apt over a machine and a repository in a folder; nothing is ever installed.</summary>
public sealed class AptTests : IDisposable
{
    private readonly string _directory = Given.TemporaryDirectory();
    private readonly ProcessRunner _runner = new();

    [Fact]
    public async Task Simulate_ChangeThatRemovesSomething_SaysWhatAndIsRefused()
    {
        await OfferAsync("a1", "Conflicts: b1\n");

        var (simulation, words) = await SimulateAsync("a1");

        Assert.Equal("", words);
        Assert.Equal(["b1"], simulation!.Removes);
        var check = EnsureDecision.Judge(simulation, [Given.Package("a1", "2")], [Given.Package("a1", "2")], new Dictionary<string, DpkgPackage>());
        Assert.Equal(("removes-packages", "The change would remove b1."), (check.Reason, check.Detail));
        Assert.Empty(check.Unapproved); // no plan may name a removal
    }

    [Fact]
    public async Task Simulate_NoWayAtAll_IsAptsOwnWords()
    {
        await OfferAsync("a1", "Depends: nowhere\n");

        var (simulation, words) = await SimulateAsync("a1");

        Assert.Null(simulation);
        Assert.Contains("Unable to correct problems", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_ChangeThatRemovesNothing_IsTheSteps()
    {
        await OfferAsync("a1", "Breaks: b1 (<< 2)\n");

        var (simulation, _) = await SimulateAsync("a1");

        Assert.Empty(simulation!.Removes);
        Assert.Equal([("a1", "2"), ("b1", "2")], simulation.Installs.Select(step => (step.Name, step.To)).Order());
    }

    /// <summary>Packages a1 and b1 are installed as 1; a repository has both as 2.</summary>
    private async Task OfferAsync(string package, string field)
    {
        Assert.SkipUnless(File.Exists(Apt.Program), "Needs apt.");
        var stanzas = new[] { "a1", "b1" }.Where(name => name == package || field.StartsWith("Breaks", StringComparison.Ordinal)).Select(name =>
            $"Package: {name}\nVersion: 2\nArchitecture: all\n{(name == package ? field : "")}Filename: {name}.deb\nSize: 1\nSHA256: {Given.Hash}\nDescription: x\n\n");
        Write("repository/Packages", string.Concat(stanzas));
        foreach (var folder in (string[])["state/lists/partial", "cache/archives/partial", "archives", "etc/apt.conf.d", "etc/preferences.d"])
        {
            Directory.CreateDirectory(Path.Combine(_directory, folder));
        }
        Write("etc/sources.list", $"deb [trusted=yes] file:{_directory}/repository ./\n");
        Write("status", string.Concat(new[] { "a1", "b1" }.Select(name =>
            $"Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: 1\nMaintainer: x\nDescription: x\n\n")));
        var refreshed = await _runner.AskAsync(Apt.Program, [.. Places, "-o", "APT::Sandbox::User=root", "update"], JobLimits.QueryTime, TestContext.Current.CancellationToken);
        Assert.True(refreshed.IsSuccess, refreshed.Error);
    }

    private Task<(AptSimulation? Simulation, string Words)> SimulateAsync(string package)
    {
        var apt = new Apt(_runner, Path.Combine(_directory, "archives"));
        return apt.SimulateAsync(
            [.. Places, .. apt.InstallArguments([new JobTarget(package, "all", "2")], AptMode.Simulate)], TestContext.Current.CancellationToken);
    }

    private IEnumerable<string> Places =>
    [
        "-o", $"Dir::Etc={_directory}/etc", "-o", $"Dir::State={_directory}/state", "-o", $"Dir::Cache={_directory}/cache", "-o", $"Dir::State::status={_directory}/status",
    ];

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_directory, path))!);
        File.WriteAllText(Path.Combine(_directory, path), text);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
