using System.Text.Json.Serialization;
using Suture.Contracts.Approvals;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Contracts.Ledger;

namespace Suture.Contracts;

/// <summary>The part of <see cref="ContractsJson"/> that an agent speaks; same names, same rules.</summary>
/// <remarks>A context carries the code and the type data of every message it knows into the program, whether that calls it or not: with the whole API in it the agent was 2 MB larger, in memory too.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    MaxDepth = 32,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(EnrollRequest))]
[JsonSerializable(typeof(EnrollResponse))]
[JsonSerializable(typeof(RenewRequest))]
[JsonSerializable(typeof(RenewResponse))]
[JsonSerializable(typeof(AssetReport))]
[JsonSerializable(typeof(InstalledPackage))]
[JsonSerializable(typeof(IReadOnlyList<InstalledPackage>))]
[JsonSerializable(typeof(MachineState))]
[JsonSerializable(typeof(ReportResponse))]
[JsonSerializable(typeof(JobEnvelope))]
[JsonSerializable(typeof(JobPayload))]
[JsonSerializable(typeof(JobResult))]
[JsonSerializable(typeof(PollRequest))]
[JsonSerializable(typeof(PollResponse))]
[JsonSerializable(typeof(Checkpoint))]
[JsonSerializable(typeof(SignedApproverSet))]
[JsonSerializable(typeof(ApproverSet))]
[JsonSerializable(typeof(PlanHead))]
[JsonSerializable(typeof(AssetChanges))]
[JsonSerializable(typeof(AssertionClientData))]
[JsonSerializable(typeof(Api.Problem))]
public sealed partial class AgentMessagesJson : JsonSerializerContext;
