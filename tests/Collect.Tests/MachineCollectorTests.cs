using Suture.Contracts.Inventory;
using static Suture.Collect.Tests.GivenMachine;

namespace Suture.Collect.Tests;

public sealed class MachineCollectorTests : IDisposable
{
    private readonly GivenMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Collect_MountedRoot_ReadsNothingThatRuns()
    {
        _machine.Status(Stanza("dpkg", "1.21", architecture: "arm64"), Stanza("openssl", "3.0.16-1~deb12u1+b1"));

        var machine = MachineCollector.Collect(_machine.Options);

        Assert.Equal(("given", "", 2), (machine.HostName, machine.BootId, machine.Packages!.Count));
        Assert.Equal(("debian", "bookworm", "12", "arm64"), (machine.State.OperatingSystem!.Id, machine.State.OperatingSystem.Codename, machine.State.OperatingSystem.VersionId, machine.State.OperatingSystem.Architecture));
        Assert.Null(machine.State.RunningKernel);
        Assert.Null(machine.State.OutdatedProcesses);
        Assert.Null(machine.State.Listening);
        Assert.Null(machine.State.RebootRequest);
        Assert.Null(machine.State.BootedUtc);
        Assert.Null(machine.Vitals.UptimeSeconds);
        Assert.Equal("3.0.16-1~deb12u1", machine.Packages[1].SourceVersion);
    }

    [Fact]
    public void Collect_StatusMissing_PackagesAreUnknownAndTheRestIsRead()
    {
        _machine.Write("/var/lib/dpkg/arch", "amd64\n");

        var machine = MachineCollector.Collect(_machine.Options);

        Assert.Null(machine.Packages);
        Assert.Null(machine.State.InstalledKernels);
        Assert.Null(machine.State.AvailableUpdates);
        Assert.Equal("bookworm", machine.State.OperatingSystem!.Codename);
        Assert.Equal(("packages", "/var/lib/dpkg/status is not there or cannot be reached."), (machine.State.Failures[0].Collector, machine.State.Failures[0].Reason));
    }

    [Fact]
    public void Collect_RootMissing_SaysSo()
    {
        var machine = MachineCollector.Collect(new CollectOptions { Root = "/nonexistent-root" });

        Assert.Null(machine.Packages);
        Assert.Contains("/nonexistent-root is no folder", Assert.Single(machine.State.Failures).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/srv/name")]
    [InlineData("../../../../../../../srv/name")]
    public void Collect_LinksOfAMountedRoot_StayInsideIt(string target)
    {
        _machine.Status(Stanza("dpkg", "1"));
        File.Delete(_machine.Root + "/etc/hostname");
        File.CreateSymbolicLink(_machine.Root + "/etc/hostname", target);
        _machine.Write("/srv/name", "inside\n");

        Assert.Equal("inside", MachineCollector.Collect(_machine.Options).HostName);
    }

    [Fact]
    public void Collect_DistributionKernel_NamesItsPackageAndVersion()
    {
        _machine.Kernel().Status(
            Stanza("linux-image-6.1.0-37-amd64", "6.1.140-1", more: "Source: linux-signed-amd64 (6.1.140+1)\n"),
            Stanza("linux-image-6.1.0-40-amd64", "6.1.153-1", more: "Source: linux-signed-amd64 (6.1.153+1)\n"),
            Stanza("linux-image-6.1.0-40-amd64-dbg", "6.1.153-1"), Stanza("linux-image-amd64", "6.1.153-1"));

        var state = MachineCollector.Collect(_machine.Running).State;

        Assert.Equal(new RunningKernel { Release = "6.1.0-37-amd64", SourceVersion = "6.1.140-1", Package = "linux-image-6.1.0-37-amd64", IsForeign = false }, state.RunningKernel);
        Assert.Equal([("6.1.0-37-amd64", "6.1.140-1", true), ("6.1.0-40-amd64", "6.1.153-1", false)], state.InstalledKernels!.Select(k => (k.Release, k.SourceVersion, k.IsRunning)));
    }

    [Fact]
    public void Collect_UnsignedKernel_NamesItsPackage()
    {
        _machine.Kernel().Status(
            Stanza("linux-image-6.1.0-37-amd64-unsigned", "6.1.140-1", more: "Source: linux\n"), Stanza("linux-image-6.1.0-37-amd64-dbg", "6.1.140-1", more: "Source: linux\n"));

        var state = MachineCollector.Collect(_machine.Running).State;

        Assert.Equal("linux-image-6.1.0-37-amd64-unsigned", state.RunningKernel!.Package);
        Assert.Equal([("linux-image-6.1.0-37-amd64-unsigned", "6.1.0-37-amd64", true)], state.InstalledKernels!.Select(kernel => (kernel.Package, kernel.Release, kernel.IsRunning)));
    }

    [Fact]
    public void Collect_KernelOfNoDistribution_IsNotForeignByItself()
    {
        _machine.Kernel("6.18.44-fc", "#1 SMP PREEMPT_DYNAMIC @0").Status(Stanza("a", "1")).Write("/.dockerenv", "");

        Assert.Equal(new RunningKernel { Release = "6.18.44-fc", IsForeign = false }, MachineCollector.Collect(_machine.Running).State.RunningKernel);
    }

    [Fact]
    public void Collect_Container_HasTheHostsKernelAndABootOfItsOwn()
    {
        _machine.Kernel().Status(Stanza("linux-image-6.1.0-37-amd64", "6.1.140-1")).Write("/run/systemd/container", "systemd-nspawn");
        File.Delete(_machine.Proc + "/self/ns/pid");
        _machine.Link("self/ns/pid", "pid:[4026532999]");

        var machine = MachineCollector.Collect(_machine.Running);

        Assert.Equal((true, null), (machine.State.RunningKernel!.IsForeign, machine.State.RunningKernel.Package));
        Assert.Equal("boot-25", machine.BootId);
        Assert.False(machine.State.InstalledKernels!.Single().IsRunning);
    }

    [Fact]
    public void Collect_Running_TellsBootUptimeAndRebootRequest()
    {
        _machine.Kernel().Status(Stanza("a", "1")).Write("/run/reboot-required", "").Write("/run/reboot-required.pkgs", "linux-base\nlibc6\nlinux-base\n");

        var machine = MachineCollector.Collect(_machine.Running);

        Assert.Equal(("boot", 1000L, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), (machine.BootId, machine.Vitals.UptimeSeconds, machine.State.BootedUtc));
        Assert.True(machine.State.RebootRequest!.IsRequired);
        Assert.Equal(["libc6", "linux-base"], machine.State.RebootRequest.Packages);
        Assert.Equal("/", machine.Vitals.Disks![0].MountPoint);
    }

    [Fact]
    public void Collect_SameMachineTwice_GivesTheSameDigests()
    {
        _machine.Kernel().Status(Stanza("a", "1")).Index("bookworm", Entry("a", "2")).Process(40, "python3", "/usr/bin/python3.11");

        var first = MachineCollector.Collect(_machine.Running);
        var second = MachineCollector.Collect(_machine.Running);

        Assert.Equal(ReportDigest.OfState(first.State), ReportDigest.OfState(second.State));
        Assert.Equal(ReportDigest.OfSoftware(first.Packages!), ReportDigest.OfSoftware(second.Packages!));
    }

    [Fact]
    public void Collect_ThisMachine_KnowsPackagesAndOrigins()
    {
        Assert.SkipUnless(File.Exists("/var/lib/dpkg/status") && File.Exists("/etc/debian_version"), "This machine is no Debian.");

        var machine = MachineCollector.Collect(new CollectOptions());

        Assert.NotEmpty(machine.Packages!);
        Assert.Equal(OriginKind.Distribution, machine.Packages!.Single(p => p.Name == "dpkg").Origin);
        Assert.NotEmpty(machine.BootId);
        Assert.NotNull(machine.State.RunningKernel);
    }
}
