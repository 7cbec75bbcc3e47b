using Suture.Compliance;
using Suture.Contracts.Api;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Compliance;

public sealed class SummarizeTests
{
    private static readonly UnknownItem Something = new() { Subject = "packages", Reason = "could not be read" };

    [Theory]
    [InlineData(0, false, ComplianceStatus.Compliant)]
    [InlineData(0, true, ComplianceStatus.Unknown)]
    [InlineData(1, false, ComplianceStatus.Overdue)]
    [InlineData(1, true, ComplianceStatus.Overdue)]
    public void Status_OverdueAndUnknown_IsTheWorst(int overdue, bool isUnknown, ComplianceStatus expected) => Assert.Equal(expected, Summarize.Status(overdue, isUnknown));

    [Fact]
    public void OfAsset_Rules_EachHasItsOwnCountsAndStatus()
    {
        var asset = Of(
            [
                Count("openssl", "row 9", open: 3, overdue: 1, day: 20),
                Count("curl", "row 9", open: 2, overdue: 0, day: 15),
                Count("curl", "row 2", open: 4, overdue: 0, day: 30),
                Count("nginx", null, open: 1, overdue: 0),
            ],
            new() { ["openssl"] = "critical", ["curl"] = "others", ["nginx"] = null });

        Assert.Equal(
            [
                (RuleKind.Deadline, "row 2", ComplianceStatus.Compliant, 4, 0, 30),
                (RuleKind.Deadline, "row 9", ComplianceStatus.Overdue, 5, 1, 15),
                (RuleKind.Deadline, null, ComplianceStatus.Compliant, 1, 0, null),
                (RuleKind.Policy, "critical", ComplianceStatus.Overdue, 3, 1, 20),
                (RuleKind.Policy, "others", ComplianceStatus.Compliant, 6, 0, 15),
                (RuleKind.Policy, null, ComplianceStatus.Compliant, 1, 0, null),
            ],
            asset.Rules.Select(rule => (rule.Kind, rule.Rule, rule.Status, rule.Episodes.Open, rule.Episodes.Overdue, rule.Episodes.NextDue?.Day)));
        Assert.Equal((ComplianceStatus.Overdue, 10, 1, 15), (asset.Status, asset.Episodes.Open, asset.Episodes.Overdue, asset.Episodes.NextDue!.Value.Day));
    }

    [Fact]
    public void OfAsset_SourceThatThePolicyCannotBeAskedAbout_StandsUnderNoRule() =>
        Assert.Null(Of([Count("openssl", "row 9", open: 1, overdue: 0)], []).Rules.Single(rule => rule.Kind == RuleKind.Policy).Rule);

    [Fact]
    public void OfAsset_Unknown_KeepsEveryRuleFromBeingCompliant()
    {
        var asset = Of([Count("openssl", "row 9", open: 1, overdue: 0), Count("curl", "row 2", open: 1, overdue: 1)], [], Something);

        Assert.Equal(ComplianceStatus.Overdue, asset.Status);
        Assert.Equal([ComplianceStatus.Overdue, ComplianceStatus.Unknown, ComplianceStatus.Overdue], asset.Rules.Select(rule => rule.Status));
        Assert.Equal((1, "packages"), (asset.UnknownItems, asset.Unknown.Single().Subject));
    }

    [Fact]
    public void OfAsset_MoreUnknownThanIsNamed_CountsAll()
    {
        var asset = Of([], [], [.. Enumerable.Repeat(Something, ComplianceLimits.UnknownNamedMax + 1)]);

        Assert.Equal((ComplianceLimits.UnknownNamedMax + 1, ComplianceLimits.UnknownNamedMax), (asset.UnknownItems, asset.Unknown.Count));
    }

    [Fact]
    public void OfAsset_NothingOpenNothingUnknown_IsCompliantWithoutRules()
    {
        var asset = Of([], []);

        Assert.Equal((ComplianceStatus.Compliant, 0, null), (asset.Status, asset.Episodes.Open, asset.Episodes.NextDue));
        Assert.Empty(asset.Rules);
    }

    private static AssetCompliance Of(IReadOnlyList<OpenCount> open, Dictionary<string, string?> rules, params IReadOnlyList<UnknownItem> unknown) =>
        Summarize.OfAsset(new AssetInput { Asset = Asset(), Open = open, PolicyRules = rules, Unknown = unknown });

    private static OpenCount Count(string source, string? rule, int open, int overdue, int? day = null) => new()
    {
        AssetId = Guid.Empty,
        Source = source,
        DeadlineRule = rule,
        Open = open,
        Overdue = overdue,
        OverdueAssumed = 0,
        Assumed = 0,
        NextDue = day is { } number ? new DateOnly(2026, 8, number) : null,
    };
}
