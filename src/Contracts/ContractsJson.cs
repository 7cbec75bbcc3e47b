using System.Text.Json.Serialization;
using Suture.Contracts.Api;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Contracts.Ledger;

namespace Suture.Contracts;

/// <summary>Readers and writers of every message, generated at build time (no reflection, so that AOT programs have them too).</summary>
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
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(ScanReport))]
[JsonSerializable(typeof(Page<Finding>))]
[JsonSerializable(typeof(Page<FixRow>))]
[JsonSerializable(typeof(Page<AssetRow>))]
[JsonSerializable(typeof(Page<PlanRow>))]
[JsonSerializable(typeof(Page<JobRow>))]
[JsonSerializable(typeof(Page<FeedRow>))]
[JsonSerializable(typeof(Page<LedgerRow>))]
[JsonSerializable(typeof(Page<SealedRow>))]
[JsonSerializable(typeof(LedgerCheckpoints))]
[JsonSerializable(typeof(Checkpoint))]
[JsonSerializable(typeof(Page<EpisodeRow>))]
[JsonSerializable(typeof(AssetDetail))]
[JsonSerializable(typeof(FixRow))]
[JsonSerializable(typeof(FixDetail))]
[JsonSerializable(typeof(FixAssignment))]
[JsonSerializable(typeof(CommentRequest))]
[JsonSerializable(typeof(PlanRow))]
[JsonSerializable(typeof(PlanDetail))]
[JsonSerializable(typeof(PlanDecisionRequest))]
[JsonSerializable(typeof(PlanWithdrawalRequest))]
[JsonSerializable(typeof(PlanRequest))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(VulnerabilityDetail))]
[JsonSerializable(typeof(PolicyDocument))]
[JsonSerializable(typeof(PolicyCheckResult))]
[JsonSerializable(typeof(ComplianceSummary))]
[JsonSerializable(typeof(Page<AssetCompliance>))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SignInResponse))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(TokenRow))]
[JsonSerializable(typeof(Page<TokenRow>))]
[JsonSerializable(typeof(SignInCodeResponse))]
[JsonSerializable(typeof(UserRightsRequest))]
[JsonSerializable(typeof(WorkRow))]
[JsonSerializable(typeof(Page<WorkRow>))]
[JsonSerializable(typeof(UserRequest))]
[JsonSerializable(typeof(UserRow))]
[JsonSerializable(typeof(Page<UserRow>))]
[JsonSerializable(typeof(GroupRequest))]
[JsonSerializable(typeof(GroupRow))]
[JsonSerializable(typeof(Page<GroupRow>))]
[JsonSerializable(typeof(EnrollmentTokenRequest))]
[JsonSerializable(typeof(EnrollmentTokenResponse))]
[JsonSerializable(typeof(ContextRequest))]
[JsonSerializable(typeof(FeedImportRequest))]
[JsonSerializable(typeof(FeedImportAnswer))]
[JsonSerializable(typeof(ServerStatus))]
public sealed partial class ContractsJson : JsonSerializerContext;
