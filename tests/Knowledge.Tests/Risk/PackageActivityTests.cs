using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Risk;
using Suture.Knowledge.Tests.Matching;

namespace Suture.Knowledge.Tests.Risk;

public class PackageActivityTests
{
    private static readonly MachineState busy = Given.State with
    {
        PackagesInUse = ["cups", "libpng16-16", "libssl3", "nginx"],
        Listening = [Socket("nginx", isLoopbackOnly: false) with { MappedPackages = ["libssl3", "nginx"] }, Socket("cups", isLoopbackOnly: true) with { MappedPackages = ["cups", "libpng16-16"] }],
    };

    [Theory]
    [InlineData("nginx", true, true)]
    [InlineData("libssl3", true, true)] // nginx maps it
    [InlineData("libpng16-16", true, false)] // mapped by who listens on loopback only
    [InlineData("cups", true, false)]
    [InlineData("vim", false, false)]
    [InlineData("linux-image-6.1.0-30-amd64", true, null)] // the running kernel: no process maps it, and all traffic passes it
    [InlineData("linux-image-6.1.0-30-amd64-dbg", false, false)]
    public void Activity_OfPackages_IsWhatSocketsAndMapsShow(string package, bool? isInUse, bool? isListening)
    {
        var activity = new PackageActivity(busy);

        Assert.Equal((isInUse, isListening), (activity.IsInUse(package), activity.IsListening(package)));
    }

    [Fact]
    public void Activity_UnsignedKernelRuns_IsInUse()
    {
        var kernel = new RunningKernel { Release = "6.1.0-30-amd64", IsForeign = false };

        Assert.True(new PackageActivity(busy with { RunningKernel = kernel }).IsInUse("linux-image-6.1.0-30-amd64-unsigned"));
    }

    [Fact]
    public void Activity_MapsOfAListenerAreNotKnown_TellsOnlyWhatIsNotInUse()
    {
        var activity = new PackageActivity(busy with { Listening = [Socket("nginx", isLoopbackOnly: false)] });

        Assert.Equal((true, null, false), (activity.IsListening("nginx"), activity.IsListening("libssl3"), activity.IsListening("vim")));
    }

    [Fact]
    public void Activity_AProcessIsHidden_AbsentIsUnknown()
    {
        CollectorFailure[] hidden =
        [
            new() { Collector = CollectorFailure.ListeningSockets, Reason = "1 process may not be looked at." },
            new() { Collector = CollectorFailure.PackagesInUse, Reason = "1 process may not be looked at." },
        ];

        var activity = new PackageActivity(busy with { Failures = hidden });

        Assert.Equal((true, true), (activity.IsInUse("nginx"), activity.IsListening("libssl3")));
        Assert.Equal((null, null), (activity.IsInUse("vim"), activity.IsListening("vim")));
        Assert.Equal((true, null), (activity.IsInUse("cups"), activity.IsListening("cups")));
    }

    [Fact]
    public void Activity_OnlyLoopback_NobodyListens() =>
        Assert.False(new PackageActivity(busy with { Listening = [Socket("cups", isLoopbackOnly: true)] }).IsListening("cups"));

    [Fact]
    public void Activity_NothingRead_IsUnknown()
    {
        var activity = new PackageActivity(Given.State with { RunningKernel = null });

        Assert.Equal((null, null), (activity.IsInUse("nginx"), activity.IsListening("nginx")));
        Assert.Null(new PackageActivity(null).IsInUse("nginx"));
    }

    [Fact]
    public void Apply_HeldOpenByOldCode_IsInUse()
    {
        var finding = new Finding
        {
            Vulnerability = "CVE-1",
            Package = "zlib1g",
            Architecture = "amd64",
            Source = "zlib",
            InstalledVersion = "2",
            FixedVersion = "2",
            Status = FindingStatus.PendingEffect,
            Processes = [Given.Process("zlib1g", "nginx", "nginx.service")],
            Evidence = [],
        };
        var context = new RankContext { AsOf = new DateOnly(2026, 9, 1), Criticality = 4 };

        var held = new PackageActivity(busy).Apply(context, finding);
        var idle = new PackageActivity(busy).Apply(context, finding with { Processes = [] });

        Assert.Equal((true, null, 4), (held.IsInUse, held.IsListening, held.Criticality));
        Assert.Equal((false, false), (idle.IsInUse, idle.IsListening));
    }

    [Theory]
    [InlineData("amd64", false)]
    [InlineData("all", null)] // holds no compiled code: what an interpreter has read, maps do not show
    public void Apply_PackageThatNoProcessMaps_IsOnlyIdleWhenMapsWouldShowIt(string architecture, bool? expected)
    {
        var finding = new Finding
        {
            Vulnerability = "CVE-1", Package = "python3-django", Architecture = architecture, Source = "python-django", InstalledVersion = "1", FixedVersion = "2",
            Status = FindingStatus.Affected, Evidence = [],
        };

        var applied = new PackageActivity(busy).Apply(new RankContext { AsOf = new DateOnly(2026, 9, 1) }, finding);

        Assert.Equal((expected, expected), (applied.IsInUse, applied.IsListening));
    }

    private static ListeningSocket Socket(string package, bool isLoopbackOnly) =>
        new() { Protocol = "tcp", Address = "0.0.0.0", Port = 80, Command = package, Package = package, IsLoopbackOnly = isLoopbackOnly };
}
