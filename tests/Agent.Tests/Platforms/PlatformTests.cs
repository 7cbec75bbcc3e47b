using System.Text.RegularExpressions;
using Suture.Agent.Commands;
using Suture.Agent.Platforms.Linux;
using Suture.Agent.State;
using Suture.Tests;

namespace Suture.Agent.Tests.Platforms;

public sealed partial class PlatformTests
{
    [Theory]
    [InlineData("7f00-7f10 r-xp 00000000 fe:00 1234    /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)", "/usr/lib/x86_64-linux-gnu/libssl.so.3")]
    [InlineData("7f00-7f10 r-xp 00000000 fe:00 1234    /lib/x86_64-linux-gnu/libssl.so.1.1 (deleted)", "/lib/x86_64-linux-gnu/libssl.so.1.1")]
    [InlineData("7f00-7f10 r-xp 00000000 fe:00 1234    /usr/lib/x86_64-linux-gnu/libssl.so.3", null)]
    [InlineData("7f00-7f10 rw-s 00000000 00:01 1234    /dev/zero (deleted)", null)]
    [InlineData("7f00-7f10 rw-s 00000000 00:01 1234    /memfd:doublemapper (deleted)", null)]
    [InlineData("7f00-7f10 rw-p 00000000 00:00 0", null)]
    public void FindReplacedFile_OneMapping_IsReplacedCodeOnly(string line, string? expected) => Assert.Equal(expected, OwnImage.FindReplacedFile([line]));

    [Fact]
    public void FindCodePages_OfAProgram_LeavesOutWhatIsRelocated()
    {
        string[] maps =
        [
            "1000-3000 r--p 00000000 fe:00 1 /usr/local/bin/suture-agent",
            "3000-7000 r-xp 0055b000 fe:00 1 /usr/local/bin/suture-agent",
            "7000-8000 r--p 00aeb000 fe:00 1 /usr/local/bin/suture-agent",
            "8000-9000 rw-p 00aed000 fe:00 1 /usr/local/bin/suture-agent",
            "9000-a000 r-xp 00000000 fe:00 2 /usr/lib/libssl.so.3",
            "a000-b000 rw-p 00000000 00:00 0",
        ];

        Assert.Equal([((nuint)0x1000, (nuint)0x2000), ((nuint)0x3000, (nuint)0x4000)], OwnImage.FindCodePages(maps, "/usr/local/bin/suture-agent"));
    }

    [Fact]
    public async Task AskAsync_AnyProgram_SeesOurEnvironmentOnly()
    {
        Environment.SetEnvironmentVariable("SUTURE_SECRET", "x");

        var answer = await new ProcessRunner().AskAsync("/usr/bin/env", [], TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal(
            ProcessRunner.CleanEnvironment.Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal),
            answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AskAsync_ShellWordsInAnArgument_StayOneArgument()
    {
        var answer = await new ProcessRunner().AskAsync("/usr/bin/printf", ["[%s]", "a b; $(id) *"], TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        Assert.Equal("[a b; $(id) *]", answer.Output);
    }

    [Fact]
    public async Task AskAsync_ProgramThatDoesNotEnd_IsKilled()
    {
        var answer = await new ProcessRunner().AskAsync("/usr/bin/sleep", ["600"], TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);

        Assert.Null(answer.ExitCode);
    }

    [Fact]
    public async Task AskAsync_ProgramThatIsNotThere_IsAnIoError() =>
        await Assert.ThrowsAsync<IOException>(() => new ProcessRunner().AskAsync("/nowhere/x", [], TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));

    [Fact]
    public void Sources_OfTheAgent_StartProcessesInOnePlace()
    {
        var folder = Path.Combine(TestPaths.Repository, "src/Agent");

        var places = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => StartsProcesses(File.ReadAllText(file))).Select(Path.GetFileName);

        Assert.Equal(["ProcessRunner.cs"], places);
        Assert.True(StartsProcesses("using var p = new Process();")); // the check can fail
        Assert.True(StartsProcesses("Process.Start(info)"));
    }

    [Fact]
    public void Unit_OtherPlaces_NamesThemEverywhere()
    {
        var unit = ServiceInstaller.Unit("/opt/suture/agent", "/srv/agent");

        Assert.Contains("ExecStart=/opt/suture/agent run --state /srv/agent\n", unit, StringComparison.Ordinal);
        Assert.Contains("ReadWritePaths=/srv/agent\n", unit, StringComparison.Ordinal);
        Assert.DoesNotContain(StateDirectory.DefaultRoot, unit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/var/lib/suture-agent", true)]
    [InlineData("relative", false)]
    [InlineData("/a b", false)]
    [InlineData("/a%n", false)]
    [InlineData("/a\nExecStart=/x", false)]
    public void IsPlainPath_Path_MayStandInAUnit(string path, bool expected) => Assert.Equal(expected, ServiceInstaller.IsPlainPath(path));

    [Fact]
    public void Write_OverAnOldFile_ReplacesItWholeAndPrivately()
    {
        var directory = Given.TemporaryDirectory();
        var path = Path.Combine(directory, "f");
        File.WriteAllText(path, "old and longer");

        AtomicFile.Write(path, "new"u8);

        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Single(Directory.GetFiles(directory));
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData("0000", true)] // as dpkg names its notes
    [InlineData("tmp.i", false)] // the one it was about to write
    [InlineData(null, false)]
    public void HasLeftovers_FileInTheFolderOfUpdates_IsANoteOfDpkg(string? name, bool expected)
    {
        var directory = Given.TemporaryDirectory();
        if (name is not null)
        {
            File.WriteAllText(Path.Combine(directory, name), "Package: tzdata\n");
        }

        Assert.Equal(expected, Dpkg.HasLeftovers(directory));
        Directory.Delete(directory, recursive: true);
        Assert.False(Dpkg.HasLeftovers(directory));
    }

    private static bool StartsProcesses(string source) => ProcessPattern().IsMatch(source);

    [GeneratedRegex(@"\bnew Process\b|\bProcess\.Start\b|\bnew ProcessStartInfo\b|posix_spawn|EntryPoint = ""(system|fork|popen)""")]
    private static partial Regex ProcessPattern();
}
