using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Suture.Agent.Jobs;
using Suture.Agent.Platforms.Linux;

namespace Suture.Agent.Tests.Platforms;

/// <summary>Over real record locks, which another process has to hold: a process does not see its own.</summary>
public sealed class PackageLocksTests : IDisposable
{
    private readonly string _root = Given.TemporaryDirectory();
    private readonly FakeTimeProvider _time = new(Given.Now);
    private readonly List<Process> _holders = [];

    [Fact]
    public async Task WaitForPackages_NobodyHoldsALock_GoesOnAtOnce() =>
        Assert.Null(await new PackageLocks(_time, _root).WaitForPackagesAsync(TestContext.Current.CancellationToken));

    [Theory]
    [InlineData("var/lib/dpkg/lock-frontend")]
    [InlineData("var/lib/dpkg/lock")] // a dpkg whose apt was killed holds only this one
    public async Task WaitForPackages_HeldThenFree_GoesOn(string path)
    {
        var holder = Hold(path);
        var wait = new PackageLocks(_time, _root).WaitForPackagesAsync(TestContext.Current.CancellationToken);
        Assert.False(wait.IsCompleted);

        End(holder);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await wait);
    }

    [Fact]
    public async Task WaitForPackages_HeldTooLong_NamesTheLock()
    {
        const string Frontend = "var/lib/dpkg/lock-frontend";
        Hold(Frontend);
        var wait = new PackageLocks(_time, _root).WaitForPackagesAsync(TestContext.Current.CancellationToken);

        _time.Advance(JobLimits.LockWait - TimeSpan.FromSeconds(1));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(Path.Combine(_root, Frontend), await wait);
    }

    [Fact]
    public async Task WaitForIndexes_PackagesAreLocked_IsNoConcernOfTheirs()
    {
        Hold("var/lib/dpkg/lock-frontend");

        Assert.Null(await new PackageLocks(_time, _root).WaitForIndexesAsync(TestContext.Current.CancellationToken));
    }

    private Process Hold(string path)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("import fcntl, signal, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); signal.pause()");
        start.ArgumentList.Add(file);
        var holder = Process.Start(start)!;
        _holders.Add(holder);
        Assert.Equal("held", holder.StandardOutput.ReadLine());
        return holder;
    }

    private static void End(Process holder)
    {
        holder.Kill();
        holder.WaitForExit();
    }

    public void Dispose()
    {
        _holders.ForEach(End);
        _holders.ForEach(holder => holder.Dispose());
        Directory.Delete(_root, recursive: true);
    }
}
