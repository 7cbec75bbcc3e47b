using Suture.Remediation.Policies;

namespace Suture.Server.Tests.Remediation;

public sealed class EvaluatePolicyTests
{
    private static readonly PolicyQuestion Question = new() { Environment = "staging", Group = "ours", Source = "openssl", IsCritical = false, IsUnrated = false, InKev = false };

    [Theory]
    [InlineData("staging", true, false, "critical outside production")]
    [InlineData("staging", false, true, "unrated outside production")]
    [InlineData("production", true, false, "critical in production")]
    [InlineData("production", false, true, "unrated in production")]
    [InlineData("staging", false, false, null)]
    [InlineData("production", false, false, null)]
    public void Of_TheDefault_PicksTheRule(string environment, bool critical, bool unrated, string? rule)
    {
        var picked = EvaluatePolicy.Of(PolicyStore.Default.Policy, Question with { Environment = environment, IsCritical = critical, IsUnrated = unrated });

        Assert.Equal(rule, picked?.Name);
    }

    [Theory]
    [InlineData(null, "production")]
    [InlineData(" ", "production")]
    [InlineData("Staging", "staging")]
    public void Environment_NotKnown_IsProduction(string? stated, string expected) => Assert.Equal(expected, EvaluatePolicy.Environment(stated));

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(null, false)]
    public void Of_DeadlineAtMost_IsInclusive_AndNoDeadlineDoesNotMatch(int? days, bool expected)
    {
        var (policy, _) = ReadPolicy.From("version: 1\nname: x\nrules:\n  - name: a\n    when: {deadlineDays: {atMost: 3}}\n    then: {treatment: patch, approval: none}");

        Assert.Equal(expected, EvaluatePolicy.Of(policy!, Question with { DeadlineDays = days }) is not null);
    }

    [Fact]
    public void Of_TwoRulesMatch_TheFirstWins()
    {
        var (policy, _) = ReadPolicy.From(
            "version: 1\nname: x\nrules:\n  - name: leave\n    when: {source: [openssl], group: [ours]}\n    then: {treatment: ignore}\n  - name: all\n    when: {}\n    then: {treatment: patch, approval: none}");

        Assert.Equal("leave", EvaluatePolicy.Of(policy!, Question)!.Name);
        Assert.Equal("all", EvaluatePolicy.Of(policy!, Question with { Group = "theirs" })!.Name);
    }
}
