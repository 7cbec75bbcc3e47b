using CsCheck;
using NJsonSchema;
using Suture.Remediation;
using Suture.Remediation.Policies;
using Suture.Tests;
using YamlDotNet.Serialization;

namespace Suture.Server.Tests.Remediation;

public sealed class ReadPolicyTests
{
    private const string Head = "version: 1\nname: x\nrules:\n  - name: a\n";

    [Fact]
    public void From_TheShippedDefault_HasNoFault()
    {
        var (policy, faults) = ReadPolicy.From(PolicyStore.Default.Yaml);

        Assert.Empty(faults);
        Assert.Equal(4, policy!.Rules.Count);
        Assert.All(policy.Rules.Where(rule => rule.When.Environments!.Contains("production") && !rule.When.EnvironmentsExcluded), rule => Assert.Equal(Approval.Person, rule.Then.Approval));
    }

    [Theory]
    [InlineData("version: 2\nname: x\nrules: []", 1, "version", "the only version is 1")]
    [InlineData("name: x\nrules: []", 1, "version", "is missing")]
    [InlineData("version: 1\nname: x\nrules: {}", 3, "rules", "a list of rules")]
    [InlineData("version: 1\nname: x\nrule: []", 3, "rule", "not a member here")]
    [InlineData("version: 1\nname: x\nname: y\nrules: []", 3, "name", "stands twice")]
    [InlineData(Head + "    when: {environment: prod}\n    then: {treatment: review}", 5, "rules[0].when.environment", "a list with at least one")]
    [InlineData(Head + "    when: {environment: {not: []}}\n    then: {treatment: review}", 5, "rules[0].when.environment.not", "a list with at least one")]
    [InlineData(Head + "    when: {critical: maybe}\n    then: {treatment: review}", 5, "rules[0].when.critical", "true or false")]
    [InlineData(Head + "    when: {critical: \"true\"}\n    then: {treatment: review}", 5, "rules[0].when.critical", "true or false")]
    [InlineData(Head + "    when: {kev: }\n    then: {treatment: review}", 5, "rules[0].when.kev", "has no value")]
    [InlineData(Head + "    when: {deadlineDays: {atMost: -1}}\n    then: {treatment: review}", 5, "rules[0].when.deadlineDays.atMost", "whole number")]
    [InlineData(Head + "    when: {deadlineDays: 3}\n    then: {treatment: review}", 5, "rules[0].when.deadlineDays", "atMost")]
    [InlineData(Head + "    when: {sources: [a]}\n    then: {treatment: review}", 5, "rules[0].when.sources", "not a member here")]
    [InlineData(Head + "    when: {}\n    then: {treatment: fix}", 6, "rules[0].then.treatment", "one of patch, review, ignore")]
    [InlineData(Head + "    when: {}\n    then: {treatment: patch}", 6, "rules[0].then.approval", "is missing")]
    [InlineData(Head + "    when: {}\n    then: {treatment: review, approval: none}", 6, "rules[0].then.approval", "only 'treatment: patch'")]
    [InlineData(Head + "    when: {}\n    then: {treatment: patch, approval: none, restart: yes}", 6, "rules[0].then.restart", "one of none, services")]
    [InlineData(Head + "    when: {}\n    then: {treatment: patch, approval: none, window: {zone: Mars/Base, days: [mon], start: \"01:00\", end: \"02:00\"}}", 6, "rules[0].then.window.zone", "IANA")]
    [InlineData(Head + "    when: {}\n    then: {treatment: patch, approval: none, window: {zone: Etc/UTC, days: [monday], start: \"01:00\", end: \"02:00\"}}", 6, "rules[0].then.window.days[0]", "one of mon")]
    [InlineData(Head + "    when: {}\n    then: {treatment: patch, approval: none, window: {zone: Etc/UTC, days: [mon], start: \"25:00\", end: \"02:00\"}}", 6, "rules[0].then.window.start", "time of day")]
    [InlineData(Head + "    when: {}\n    then: {treatment: patch, approval: none, window: {zone: Etc/UTC, days: [mon], start: \"02:00\", end: \"02:00\"}}", 6, "rules[0].then.window.end", "empty")]
    [InlineData("version: 1\nname: &a x\nrules: []", 2, "name", "anchors are refused")]
    [InlineData("version: 1\nname: x\nrules: *b", 3, "rules", "aliases are refused")]
    [InlineData("version: 1\nname: !!python/object x\nrules: []", 2, "name", "tags are refused")]
    [InlineData("version: 1\nname: x\nrules: []\n---\na: 1", 4, "", "one document")]
    [InlineData("version: 1\nname: [x\nrules: []", 2, "", "mend the YAML")]
    [InlineData("", 1, "", "write version")]
    public void From_OneFault_NamesLinePathAndRemedy(string yaml, int line, string path, string remedy)
    {
        var (policy, faults) = ReadPolicy.From(yaml);

        Assert.Null(policy);
        Assert.Contains(faults, fault => fault.Line == line && fault.Path == path && fault.Remedy.Contains(remedy, StringComparison.Ordinal));
    }

    [Fact]
    public void From_SeveralFaults_ReportsAllInTheOrderOfLines()
    {
        var (_, faults) = ReadPolicy.From("version: 7\nnam: x\nrules:\n  - name: a\n    when: {critical: 1, kev: 2}\n    then: {treatment: zap}\n  - name: a\n    when: {}\n    then: {treatment: review}");

        Assert.Equal(["name", "version", "nam", "rules[0].when.critical", "rules[0].when.kev", "rules[0].then.treatment", "rules[1].name"], faults.Select(fault => fault.Path));
        Assert.Equal([1, 1, 2, 5, 5, 6, 7], faults.Select(fault => fault.Line));
        Assert.Equal("1", faults[3].Value);
    }

    [Fact]
    public void From_TooLargeOrTooDeep_IsRefused()
    {
        var large = "version: 1\n#" + new string('x', RemediationLimits.PolicyBytesMax);
        var deep = "version: " + new string('[', 40) + new string(']', 40);

        Assert.Contains(ReadPolicy.From(large).Faults, fault => fault.Remedy.Contains("at most", StringComparison.Ordinal));
        Assert.Contains(ReadPolicy.From(deep).Faults, fault => fault.Remedy.Contains("nested deeper", StringComparison.Ordinal));
    }

    [Fact]
    public void From_AnyText_NeverThrows_AndIsAPolicyOrHasAFault() =>
        Gen.Select(Gen.Int[0, PolicyStore.Default.Yaml.Length - 1], Gen.Int[1, 40], Gen.String[Gen.Char["{}[]:,-&*!|>'\"%@`#? \n\tabc019~\u0000\u00e9"], 0, 12]).Sample((at, cut, put) =>
        {
            var yaml = PolicyStore.Default.Yaml;
            var (policy, faults) = ReadPolicy.From(yaml[..at] + put + yaml[Math.Min(yaml.Length, at + cut)..]);
            return policy is null == faults.Count > 0 && faults.All(fault => fault is { Line: > 0, Column: > 0, Remedy.Length: > 0 });
        }, iter: 2_000);

    [Fact]
    public async Task Schema_TheShippedDefault_Validates_AndFaultyOnesDoNot()
    {
        var schema = await JsonSchema.FromFileAsync(Path.Combine(TestPaths.Repository, "docs/schema/policy.json"), TestContext.Current.CancellationToken);

        Assert.Empty(schema.Validate(Json(PolicyStore.Default.Yaml)));
        Assert.NotEmpty(schema.Validate(Json("version: 2\nname: x\nrules: []")));
        Assert.NotEmpty(schema.Validate(Json(Head + "    when: {environment: prod}\n    then: {treatment: review}")));
        Assert.NotEmpty(schema.Validate(Json(Head + "    when: {}\n    then: {treatment: patch}")));
        Assert.NotEmpty(schema.Validate(Json(Head + "    when: {}\n    then: {treatment: review, approval: none}")));
    }

    private static string Json(string yaml)
    {
        var value = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(new StringReader(yaml));
        return new SerializerBuilder().JsonCompatible().Build().Serialize(value);
    }
}
