using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Risk;
using Suture.Knowledge.Tests.Matching;

namespace Suture.Knowledge.Tests.Risk;

public class PackageActivityTests
{
    private static readonly MachineState busy = Given.State with
    {
        PackagesInUse = ["cups", "libssl3", "nginx"],
        Listening = [Socket("nginx", isLoopbackOnly: false), Socket("cups", isLoopbackOnly: true)],
    };

    [Theory]
    [InlineData("nginx", true, true)]
    [InlineData("libssl3", true, null)] // nginx may map it
    [InlineData("cups", true, null)]
    [InlineData("vim", false, false)]
    [InlineData("linux-image-6.1.0-30-amd64", true, null)] // the running kernel
    public void Activity_OfPackages_IsWhatSocketsAndMapsShow(string package, bool? isInUse, bool? isListening)
    {
        var activity = new PackageActivity(busy);

        Assert.Equal((isInUse, isListening), (activity.IsInUse(package), activity.IsListening(package)));
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

    private static ListeningSocket Socket(string package, bool isLoopbackOnly) =>
        new() { Protocol = "tcp", Address = "0.0.0.0", Port = 80, Command = package, Package = package, IsLoopbackOnly = isLoopbackOnly };
}
