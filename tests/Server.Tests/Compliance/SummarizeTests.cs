using Suture.Compliance;
using Suture.Contracts.Api;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Compliance;

public sealed class SummarizeTests
{
    private static readonly Guid Web = Id();

    [Theory]
    [InlineData("2026-08-09", 1)]   // yesterday: past
    [InlineData("2026-08-10", 0)]   // today is the last day
    [InlineData(null, 0)]           // no rule sets one
    public void Of_Deadline_IsOverdueFromTheDayAfter(string? deadline, int expected) =>
        Assert.Equal(expected, Summarize.Of([Asset(id: Web)], [Open(deadline)], Start).Overdue);

    [Fact]
    public void Of_AssumedDeadlines_AreCountedApart()
    {
        var summary = Summarize.Of([Asset(id: Web)], [Open("2026-08-01"), Open("2026-08-01", assumed: 1), Open("2026-09-01")], Start);

        Assert.Equal((3, 2, 1), (summary.Open, summary.Overdue, summary.OverdueAssumed));
    }

    [Fact]
    public void Of_RemediatedEpisodes_GivesPercentilesOfThoseAlone()
    {
        var episodes = Enumerable.Range(1, 10).Select(hours => Closed(TimeSpan.FromHours(hours), EpisodeFigures.FixedInEffect))
            .Append(Closed(TimeSpan.FromHours(1000), reason: 2)).ToList();

        var summary = Summarize.Of([], episodes, Start);

        Assert.Equal(10, summary.Remediated);
        Assert.Equal(5 * 3600, summary.DetectionToVerifiedP50Seconds);
        Assert.Equal(9 * 3600, summary.DetectionToVerifiedP90Seconds);
    }

    [Fact]
    public void Of_NothingRemediated_HasNoPercentiles() => Assert.Null(Summarize.Of([], [Open(null)], Start).DetectionToVerifiedP50Seconds);

    [Fact]
    public void Of_Assets_EachHasItsStatus()
    {
        var (due, late, silent, retired) = (Id(), Id(), Id(), Id());

        var assets = Summarize.Of(
            [
                Asset("clean"), Asset("due", id: due), Asset("late", id: late), Asset("silent", id: silent) with { IsSilent = true },
                Asset("new") with { ReportId = null }, Asset("retired", id: retired) with { State = AssetState.Retired },
            ],
            [Open("2026-08-20", asset: due), Open("2026-08-12", asset: due), Open("2026-08-01", asset: late), Open("2026-08-01", asset: silent)],
            Start).Assets;

        Assert.Equal(
            [("clean", "compliant"), ("due", "due"), ("late", "overdue"), ("new", "unknown"), ("silent", "unknown")], assets.Select(asset => (asset.Name, asset.Status)));
        Assert.Equal(new DateOnly(2026, 8, 12), assets.Single(asset => asset.Asset == due).NextDue);
    }

    [Theory]
    [InlineData("web1", "web1")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"")]
    [InlineData("@SUM(1)", "\"'@SUM(1)\"")]
    [InlineData("-1+1", "\"'-1+1\"")]
    public void Field_AnyName_IsNoFormula(string name, string expected) => Assert.Equal(expected, ComplianceCsv.Field(name));

    [Fact]
    public void Write_Rows_IsOneLineAnAsset()
    {
        var text = ComplianceCsv.Write(Summarize.Of([Asset("web1", id: Web)], [Open("2026-08-12")], Start).Assets);

        Assert.Equal($"asset,name,policy,status,open,overdue,next_due\r\n{Web:D},web1,CISA BOD 26-04,due,1,0,2026-08-12\r\n", text);
    }

    private static EpisodeFigures Open(string? deadline, int assumed = 0, Guid? asset = null) =>
        new() { AssetId = asset ?? Web, DetectedUs = Start, DeadlineDay = deadline, IsAssumed = assumed };

    private static EpisodeFigures Closed(TimeSpan after, int reason) => new()
    {
        AssetId = Web,
        DetectedUs = Start,
        ClosedUs = Start + after,
        VerifiedUs = reason == EpisodeFigures.FixedInEffect ? Start + after : null,
        ClosedReason = reason,
    };
}
