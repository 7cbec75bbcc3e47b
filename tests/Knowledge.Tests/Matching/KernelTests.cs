using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Matching;

namespace Suture.Knowledge.Tests.Matching;

public class KernelTests
{
    private static readonly InstalledPackage older = Image("6.1.0-29-amd64", "6.1.120");
    private static readonly InstalledPackage running = Image("6.1.0-30-amd64", "6.1.130");
    private static readonly InstalledPackage newer = Image("6.1.0-31-amd64", "6.1.140");

    [Fact]
    public void Match_RunningKernelBelowFixedAndNewerInstalled_WaitsForReboot()
    {
        var result = Matcher.Match(Given.Asset(older, running, newer), Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.140-1")));

        var finding = Assert.Single(result.Findings);
        Assert.Equal(("linux-image-6.1.0-30-amd64", FindingStatus.PendingEffect, "reboot"), (finding.Package, finding.Status, finding.Action));
        Assert.Equal("6.1.130-1", finding.InstalledVersion);
        Assert.Equal("linux-image-6.1.0-29-amd64", Assert.Single(result.RemovableKernels).Package);
    }

    [Fact]
    public void Match_UnsignedImageRuns_IsJudgedLikeASignedOne()
    {
        var unsigned = Given.Package("linux-image-6.1.0-30-amd64-unsigned", "6.1.130-1", "linux");
        var older = Given.Package("linux-image-6.1.0-29-amd64-unsigned", "6.1.120-1", "linux");

        var result = Matcher.Match(Given.Asset(older, unsigned, newer), Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.140-1")));

        var finding = Assert.Single(result.Findings);
        Assert.Equal(("linux-image-6.1.0-30-amd64-unsigned", FindingStatus.PendingEffect, "reboot"), (finding.Package, finding.Status, finding.Action));
        Assert.Equal(("linux-image-6.1.0-29-amd64-unsigned", "6.1.0-29-amd64"), Assert.Single(result.RemovableKernels.Select(kernel => (kernel.Package, kernel.Release))));
        Assert.DoesNotContain(result.Unknown, item => item.Subject == "running-kernel");
    }

    [Fact]
    public void Match_OnlyTheSymbolsAreFixed_IsAffectedAndNoRebootHelps()
    {
        var symbols = Given.Package("linux-image-6.1.0-31-amd64-dbg", "6.1.140-1", "linux");

        var finding = Assert.Single(Matcher.Match(Given.Asset(running, symbols), Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.140-1"))).Findings);

        Assert.Equal((running.Name, FindingStatus.Affected, null), (finding.Package, finding.Status, finding.Action));
    }

    [Fact]
    public void Match_SymbolsOfTheRunningKernel_AreNoKernelToRemoveAndCountAsAPackage()
    {
        var symbols = Given.Package("linux-image-6.1.0-30-amd64-dbg", "6.1.130-1", "linux");

        var result = Matcher.Match(Given.Asset(running, symbols), Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.140-1")));

        Assert.Empty(result.RemovableKernels);
        Assert.Equal([running.Name, symbols.Name], result.Findings.Select(finding => finding.Package));
    }

    [Fact]
    public void Match_NewerInstalledButStillBelowFixed_IsAffected()
    {
        var finding = Assert.Single(Matcher.Match(Given.Asset(running, newer), Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.150-1"))).Findings);

        Assert.Equal((FindingStatus.Affected, null), (finding.Status, finding.Action));
    }

    [Fact]
    public void Match_OnlyOldImageBelowFixed_IsNoFinding() =>
        Assert.Empty(Matcher.Match(Given.Asset(older, running), Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.130-1"))).Findings);

    [Fact]
    public void Match_SameReleaseUpgradedOnDisk_IsJudgedByWhatRuns()
    {
        var kernel = Given.State.RunningKernel! with { SourceVersion = "6.1.130-1" };
        var asset = Given.Asset(Image("6.1.0-30-amd64", "6.1.140")) with { State = Given.State with { RunningKernel = kernel } };

        var finding = Assert.Single(Matcher.Match(asset, Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.140-1"))).Findings);

        Assert.Equal(("6.1.130-1", FindingStatus.PendingEffect, "reboot"), (finding.InstalledVersion, finding.Status, finding.Action));
    }

    [Fact]
    public void Match_MetapackageAndHeaders_CountWithTheirOwnVersion()
    {
        var asset = Given.Asset(running, Given.Package("linux-image-amd64", "6.1.120-1", "linux-signed-amd64 (6.1.120+1)"), Given.Package("linux-libc-dev", "6.1.120-1", "linux"));

        var found = Matcher.Match(asset, Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.130-1"))).Findings.Select(finding => finding.Package);

        Assert.Equal(["linux-image-amd64", "linux-libc-dev"], found);
    }

    [Fact]
    public void Match_Container_JudgesNoImageAndSaysSo()
    {
        var kernel = new RunningKernel { Release = "6.1.0-30-amd64", IsForeign = true };
        var result = Matcher.Match(Given.Asset(older, running, newer) with { State = Given.State with { RunningKernel = kernel } }, Given.Feeds(Given.Fix("linux", "CVE-1", "9")));

        Assert.Empty(result.Findings);
        Assert.Empty(result.RemovableKernels);
        Assert.Contains(result.Unknown, item => item.Subject == "running-kernel" && item.Reason.Contains("container", StringComparison.Ordinal));
    }

    [Fact]
    public void Match_RunningKernelOfNoPackage_IsUnknown()
    {
        var kernel = new RunningKernel { Release = "6.18.0-custom", IsForeign = false };
        var result = Matcher.Match(Given.Asset(older) with { State = Given.State with { RunningKernel = kernel } }, Given.Feeds(Given.Fix("linux", "CVE-1", "9")));

        Assert.Empty(result.Findings);
        Assert.Empty(result.RemovableKernels);
        Assert.Contains(result.Unknown, item => item.Reason.Contains("6.18.0-custom", StringComparison.Ordinal));
    }

    [Fact]
    public void Match_MereStatusFile_LeavesImagesOutAndSaysSo()
    {
        var result = Matcher.Match(Given.Asset(older, running) with { State = null }, Given.Feeds(Given.Fix("linux", "CVE-1", "9")));

        Assert.Empty(result.Findings);
        Assert.Contains(result.Unknown, item => item.Reason.Contains("2 installed kernel images", StringComparison.Ordinal));
    }

    [Fact]
    public void Match_OpenKernelFindingAndKernelUnreadable_StaysUnknown()
    {
        OpenFinding[] open = [new("CVE-1", "linux", running.Name, "amd64", "6.1.130-1", "6.1.140-1")];
        var feeds = Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.140-1"));
        var asset = Given.Asset(running, newer) with { PreviouslyOpen = open };

        var blind = Matcher.Match(asset with { State = Given.State with { RunningKernel = null } }, feeds);
        var rebooted = Matcher.Match(asset with { State = Given.State with { RunningKernel = new RunningKernel { Release = "6.1.0-31-amd64", IsForeign = false } } }, feeds);

        Assert.Equal(FindingStatus.Unknown, Assert.Single(blind.Findings).Status);
        Assert.Empty(rebooted.Findings);
        Assert.Equal(["linux-image-6.1.0-30-amd64"], rebooted.RemovableKernels.Select(kernel => kernel.Package));
    }

    [Fact]
    public void Match_OpenKernelFindingAndPackageRemovedUnderIt_WaitsForReboot()
    {
        OpenFinding[] open = [new("CVE-1", "linux", running.Name, "amd64", "6.1.130-1", "6.1.140-1")];
        var asset = Given.Asset(newer) with { PreviouslyOpen = open };

        var finding = Assert.Single(Matcher.Match(asset, Given.Feeds(Given.Fix("linux", "CVE-1", "6.1.140-1"))).Findings);

        Assert.Equal((FindingStatus.PendingEffect, "reboot", "6.1.130-1"), (finding.Status, finding.Action, finding.InstalledVersion));
    }

    private static InstalledPackage Image(string release, string version) =>
        Given.Package($"linux-image-{release}", $"{version}-1", $"linux-signed-amd64 ({version}+1)");
}
