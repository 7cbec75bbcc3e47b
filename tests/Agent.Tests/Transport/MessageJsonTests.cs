using System.Text.Json.Serialization.Metadata;
using Suture.Contracts;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Contracts.Ledger;

namespace Suture.Agent.Tests.Transport;

/// <summary>The agent has a part of the contracts' JSON for itself; it is the same JSON.</summary>
public sealed class MessageJsonTests
{
    public static TheoryData<Type> Messages =>
    [
        typeof(EnrollRequest), typeof(EnrollResponse), typeof(RenewRequest), typeof(RenewResponse), typeof(AssetReport), typeof(InstalledPackage), typeof(MachineState), typeof(ReportResponse),
        typeof(JobEnvelope), typeof(JobPayload), typeof(JobResult), typeof(PollRequest), typeof(PollResponse), typeof(Checkpoint), typeof(Contracts.Api.Problem),
    ];

    [Theory]
    [MemberData(nameof(Messages))]
    public void EveryMessage_HasTheMembersThatTheServerReads(Type message)
    {
        var (ours, theirs) = (AgentMessagesJson.Default.GetTypeInfo(message)!, ContractsJson.Default.GetTypeInfo(message)!);

        Assert.Equal(Members(theirs), Members(ours));
    }

    [Fact]
    public void BothHaveTheSameRules()
    {
        var (ours, theirs) = (AgentMessagesJson.Default.Options, ContractsJson.Default.Options);

        Assert.Equal(
            (theirs.PropertyNamingPolicy, theirs.DefaultIgnoreCondition, theirs.RespectNullableAnnotations, theirs.MaxDepth, theirs.AllowDuplicateProperties),
            (ours.PropertyNamingPolicy, ours.DefaultIgnoreCondition, ours.RespectNullableAnnotations, ours.MaxDepth, ours.AllowDuplicateProperties));
    }

    private static IEnumerable<(string Name, Type Type, bool IsRequired)> Members(JsonTypeInfo type) => type.Properties.Select(member => (member.Name, member.PropertyType, member.IsRequired));
}
