using CsCheck;
using Suture.Agent.Reports;
using Suture.Agent.State;
using Suture.Contracts.Inventory;

namespace Suture.Agent.Tests.Reports;

public sealed class BuildReportTests
{
    private static readonly ReportAsk Ask = new() { IsFull = false, AgentVersion = "0.1.0", ObservedOnly = false };

    [Fact]
    public void From_NothingKnown_SendsEverything()
    {
        var report = BuildReport.From(Facts("a1", "b1"), ReportMemory.Empty, null, Ask);

        Assert.Equal(1, report.Sequence);
        Assert.Equal(2, report.Software!.Count);
        Assert.NotNull(report.State);
        Assert.Null(report.SoftwareDelta);
    }

    [Fact]
    public void From_NothingChanged_SendsDigestsAlone()
    {
        var facts = Facts("a1", "b1");

        var report = BuildReport.From(facts, MemoryOf(facts), facts.Packages, Ask);

        Assert.Equal((null, null, null), (report.Software, report.SoftwareDelta, report.State));
        Assert.Equal(8, report.Sequence);
        Assert.False(BuildReport.Differs(facts, MemoryOf(facts)));
    }

    [Fact]
    public void From_OnePackageChanged_SendsTheDifferenceToItsBase()
    {
        var before = Facts("a1", "b1", "c1", "d1", "e1");
        var after = before with { Packages = [Given.Installed("a1"), Given.Installed("b1", "2.0-1"), Given.Installed("d1"), Given.Installed("e1")] };

        var report = BuildReport.From(after, MemoryOf(before), before.Packages, Ask);

        Assert.Equal(MemoryOf(before).SoftwareDigest, report.BaseDigest);
        Assert.Equal("b1", Assert.Single(report.SoftwareDelta!.Set).Name);
        Assert.Equal(["c1:amd64"], report.SoftwareDelta.Removed);
        Assert.Null(report.Software);
    }

    [Fact]
    public void From_MostPackagesChanged_SendsThemAll()
    {
        var before = Facts("a1", "b1", "c1");
        var after = before with { Packages = [Given.Installed("a1", "2.0-1"), Given.Installed("b1", "2.0-1"), Given.Installed("c1")] };

        Assert.Equal(3, BuildReport.From(after, MemoryOf(before), before.Packages, Ask).Software!.Count);
    }

    [Fact]
    public void From_BaseLost_SendsEverything()
    {
        var report = BuildReport.From(Facts("a1", "b2"), MemoryOf(Facts("a1", "b1")), null, Ask);

        Assert.Equal((2, null), (report.Software!.Count, report.BaseDigest));
    }

    [Fact]
    public void From_FullAsked_SendsEverythingEvenWhenUnchanged()
    {
        var facts = Facts("a1");

        var report = BuildReport.From(facts, MemoryOf(facts), facts.Packages, Ask with { IsFull = true, AfterJob = Given.Asset });

        Assert.NotNull(report.Software);
        Assert.NotNull(report.State);
        Assert.Equal(Given.Asset, report.AfterJob);
    }

    [Fact]
    public void From_PackagesUnreadable_SaysUnknownNotNone()
    {
        var report = BuildReport.From(Facts() with { Packages = null }, MemoryOf(Facts("a1")), null, Ask);

        Assert.Null(report.SoftwareDigest);
        Assert.Null(report.Software);
    }

    [Fact]
    public void Difference_AppliedToTheBase_GivesTheNew()
    {
        var packages = Gen.Select(Gen.Int[0, 20], Gen.Int[0, 3]).List[0, 20]
            .Select(list => ReportDigest.Order(list.DistinctBy(p => p.Item1).Select(p => Given.Installed($"p{p.Item1}", $"{p.Item2}"))));

        Gen.Select(packages, packages).Sample((before, after) =>
        {
            var delta = BuildReport.Difference(before, after);
            var set = delta.Set.Select(p => $"{p.Name}:{p.Architecture}").ToHashSet();
            var applied = ReportDigest.Order(before.Where(p => !set.Contains($"{p.Name}:{p.Architecture}") && !delta.Removed.Contains($"{p.Name}:{p.Architecture}")).Concat(delta.Set));
            return applied.SequenceEqual(after);
        });
    }

    private static MachineFacts Facts(params string[] packages) => new()
    {
        HostName = "h1", BootId = "b1", TakenUtc = Given.Now, Vitals = new MachineVitals(), State = new MachineState { Failures = [] },
        Packages = ReportDigest.Order(packages.Select(name => Given.Installed(name))),
    };

    private static ReportMemory MemoryOf(MachineFacts facts) => new()
    {
        Sequence = 7, SoftwareDigest = ReportDigest.OfSoftware(facts.Packages!), StateDigest = ReportDigest.OfState(facts.State), AcknowledgedUtc = Given.Now,
    };
}
