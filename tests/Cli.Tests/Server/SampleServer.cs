using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Contracts.Ledger;
using Json = Suture.Contracts.ContractsJson;

namespace Suture.Cli.Tests.Server;

/// <summary>A server that says all of <see cref="Sample"/>.</summary>
internal static class SampleServer
{
    internal static async Task<ServerDouble> StartAsync() => (await ServerDouble.StartAsync())
        .With("GET status", new ServerStatus { Version = "0.1.0", AtUtc = Sample.At(24, 10), IsSolo = true, IsReady = true, Ledger = new LedgerState { Position = 3, CheckpointUtc = Sample.At(24, 10), Contradictions = 0 }, WorkWaiting = 3, WorkFailed = 1, FailedWork = [FailedWork] }, Json.Default.ServerStatus)
        .With("GET feeds", Sample.Feeds, Json.Default.PageFeedRow)
        .WithFixes().WithAssets().WithPlans().WithPeople()
        .With("GET findings", Sample.Findings, Json.Default.PageFinding)
        .With("GET explain/CVE-2026-0001", Explanation, Json.Default.Explanation)
        .With("GET compliance", Compliance, Json.Default.ComplianceSummary)
        .With("GET compliance/assets", ComplianceOfAssets, Json.Default.PageAssetCompliance)
        .With("GET episodes", new Page<EpisodeRow> { Items = [Closed, Open] }, Json.Default.PageEpisodeRow)
        .With("GET ledger", Ledger, Json.Default.PageLedgerRow)
        .With("GET ledger/chain", new Page<SealedRow> { Items = SampleLedger.Rows }, Json.Default.PageSealedRow)
        .With("GET ledger/checkpoints", SampleLedger.Checkpoints, Json.Default.LedgerCheckpoints)
        .With("GET policy", new PolicyDocument { Yaml = "version: 1\nname: quiet\nrules: []\n", Digest = Sample.Hash }, Json.Default.PolicyDocument)
        .With("POST policy/check", new PolicyCheckResult { Faults = [new PolicyFault { Line = 3, Column = 5, Path = "rules[0].nam", Value = "nam", Remedy = "no such key; did you mean 'name'?" }] }, Json.Default.PolicyCheckResult)
        .With("PUT policy", new PolicyDocument { Yaml = "", Digest = Sample.Hash }, Json.Default.PolicyDocument)
        .With("GET work/failed", new Page<WorkRow> { Items = [FailedWork] }, Json.Default.PageWorkRow)
        .With($"POST work/failed/{Sample.Work}/retry");

    private static ServerDouble WithFixes(this ServerDouble server)
    {
        var path = $"fixes/{Uri.EscapeDataString(Sample.OpensslKey)}";
        return server.With("GET fixes", Sample.Fixes, Json.Default.PageFixRow)
            .With("GET fixes?source=openssl", new Page<FixRow> { Items = [Sample.Openssl], Total = 1 }, Json.Default.PageFixRow)
            .With("GET findings?source=openssl", Sample.Findings with { Next = null }, Json.Default.PageFinding)
            .With($"GET {path}", Sample.OpensslDetail, Json.Default.FixDetail)
            .With($"PUT {path}/assignment", Sample.OpensslDetail, Json.Default.FixDetail)
            .With($"POST {path}/comments", Sample.OpensslDetail, Json.Default.FixDetail);
    }

    private static ServerDouble WithAssets(this ServerDouble server) => server
        .With("GET assets", Sample.Assets, Json.Default.PageAssetRow)
        .With($"GET assets/{Sample.Web}", Sample.WebDetail, Json.Default.AssetDetail)
        .With($"GET assets/{Sample.Lab}", Sample.WebDetail with { Asset = Sample.LabRow, Unknown = [] }, Json.Default.AssetDetail)
        .With($"PUT assets/{Sample.Web}/context", Sample.WebDetail, Json.Default.AssetDetail)
        .With($"POST assets/{Sample.Web}/report-now", Sample.Job with { Plan = null, Verb = JobVerb.ReportNow, Title = "report", State = JobState.Ready, Evidence = null }, Json.Default.JobRow, 202)
        .With($"POST assets/{Sample.Web}/retire").With($"POST assets/{Sample.Web}/release").With($"DELETE assets/{Sample.Web}/certificate")
        .With("POST enrollment-tokens", Invitation, Json.Default.EnrollmentTokenResponse);

    private static ServerDouble WithPlans(this ServerDouble server) => server
        .With("GET plans", new Page<PlanRow> { Items = [Sample.PlanRow, Sample.EndedRow] }, Json.Default.PagePlanRow)
        .With("POST plans", Sample.PlanDetail with { LeftOut = ["lab7: the asset is silent; what is known of it may no longer hold"] }, Json.Default.PlanDetail)
        .With($"GET plans/{Sample.Plan}", Sample.PlanDetail, Json.Default.PlanDetail)
        .With($"GET plans/{Sample.EndedRow.Id}", Sample.PlanDetail with { Plan = Sample.EndedRow, Jobs = [Sample.Job] }, Json.Default.PlanDetail)
        .With($"POST plans/{Sample.Plan}/approve", Decided(PlanState.Approved), Json.Default.PlanDetail)
        .With($"POST plans/{Sample.Plan}/reject", Decided(PlanState.Rejected), Json.Default.PlanDetail)
        .With($"POST plans/{Sample.Plan}/withdraw", Decided(PlanState.Withdrawn), Json.Default.PlanDetail)
        .With(
            $"POST plans/{Sample.EndedRow.Id}/withdraw",
            Decided(PlanState.Approved) with { Jobs = [Sample.Job with { State = JobState.Leased }, Sample.Job with { State = JobState.Withdrawn }, Sample.Job with { State = JobState.Withdrawn }] },
            Json.Default.PlanDetail)
        .With("GET jobs", Sample.Jobs, Json.Default.PageJobRow);

    private static ServerDouble WithPeople(this ServerDouble server)
    {
        var anna = new UserRow { Name = "anna", Roles = [Role.Analyst, Role.Approver], Groups = ["web", "lab"] };
        var code = new SignInCodeResponse { User = anna, Code = "AAAAA-BBBBB-CCCCC-DDDDD", ExpiresUtc = Sample.At(24, 11) };
        return server.With("GET users", new Page<UserRow> { Items = [new UserRow { Name = "admin", Roles = [Role.Admin] }, anna with { Name = "bert", IsEnabled = false }] }, Json.Default.PageUserRow)
            .With("POST users", code, Json.Default.SignInCodeResponse).With("POST users/anna/code", code, Json.Default.SignInCodeResponse)
            .With("PUT users/anna", anna, Json.Default.UserRow).With("GET auth/me", anna, Json.Default.UserRow)
            .With("POST users/anna/disable", anna with { IsEnabled = false }, Json.Default.UserRow).With("POST users/anna/enable", anna, Json.Default.UserRow)
            .With("GET groups", new Page<GroupRow> { Items = [new GroupRow { Name = "default", Assets = 2 }, new GroupRow { Name = "web" }] }, Json.Default.PageGroupRow)
            .With("POST groups", new GroupRow { Name = "web" }, Json.Default.GroupRow)
            .With("GET tokens", Tokens, Json.Default.PageTokenRow)
            .With("POST tokens", new TokenResponse { Id = Sample.Work, Token = "sut_t_secret", ExpiresUtc = Sample.At(31, 10) }, Json.Default.TokenResponse, 201)
            .With($"DELETE tokens/{Sample.Work}")
            .With("POST auth/sign-in", new SignInResponse { Token = "sut_s_session", ExpiresUtc = Sample.At(24, 22), User = anna }, Json.Default.SignInResponse)
            .With("POST auth/sign-out");
    }

    private static PlanDetail Decided(PlanState state) =>
        Sample.PlanDetail with { Plan = Sample.PlanRow with { State = state, DecidedBy = "bert", DecidedUtc = Sample.At(24, 10), Reason = state is PlanState.Rejected or PlanState.Withdrawn ? "not today" : null } };

    private static EnrollmentTokenResponse Invitation => new()
    {
        Token = "sut_e_x", ExpiresUtc = Sample.At(24, 11), Command = $"suture-agent join --server https://suture.example:7781 --ca-fingerprint {Sample.Hash} --token sut_e_x",
    };

    private static Explanation Explanation => new()
    {
        Vulnerability = "CVE-2026-0001", Asset = "web1", Verdict = "affected: openssl 3.0.16-1~deb12u1 is below 3.0.17-1~deb12u2",
        Steps =
        [
            new ExplanationStep { Stage = "advisory", Text = "DSA-6001-1 fixes openssl at 3.0.17-1~deb12u2 in bookworm", Source = "debian-dsa of 2026-08-20" },
            new ExplanationStep { Stage = "match", Text = "libssl3 3.0.16-1~deb12u1 < 3.0.17-1~deb12u2" },
        ],
    };

    private static ComplianceSummary Compliance => new()
    {
        AtUtc = Sample.At(24, 10), Policy = "default", Feeds = [], Assets = new ComplianceAssets { Compliant = 0, Overdue = 1, Unknown = 1 }, Episodes = Overdue, OpenFindings = 19,
        Remediated = new RemediationFigures
        {
            StartUtc = Sample.At(1, 0), EndUtc = Sample.At(24, 10), Episodes = 40, DetectionToVerifiedP50Seconds = 190, DetectionToVerifiedP90Seconds = 9_000,
        },
    };

    private static EpisodeCounts Overdue => new() { Open = 8, Overdue = 2, OverdueAssumed = 1, Assumed = 3, NextDue = new DateOnly(2026, 8, 30) };

    private static Page<AssetCompliance> ComplianceOfAssets => new()
    {
        Items =
        [
            new AssetCompliance
            {
                Asset = Sample.Lab, Name = "lab7", Group = "default", Environment = "test", Status = ComplianceStatus.Unknown, OpenFindings = 0, Rules = [], UnknownItems = 2,
                Episodes = new EpisodeCounts { Open = 0, Overdue = 0, OverdueAssumed = 0, Assumed = 0 },
                Unknown = [new UnknownItem { Subject = "report", Reason = "It never reported." }],
            },
            new AssetCompliance
            {
                Asset = Sample.Web, Name = "web1", Group = "default", Environment = "production", Status = ComplianceStatus.Overdue, OpenFindings = 19, UnknownItems = 0, Unknown = [], Episodes = Overdue,
                Rules =
                [
                    new RuleCompliance { Kind = RuleKind.Deadline, Rule = "CISA BOD 26-04 row 9", Status = ComplianceStatus.Overdue, Episodes = Overdue },
                    new RuleCompliance { Kind = RuleKind.Policy, Rule = "critical in production", Status = ComplianceStatus.Overdue, Episodes = Overdue },
                ],
            },
        ],
    };

    private static EpisodeRow Open => new() { Asset = Sample.Web, Release = "bookworm", Source = "openssl", Vulnerability = "CVE-2026-0001", DetectedUtc = Sample.At(22, 10) };

    private static EpisodeRow Closed => Open with
    {
        Vulnerability = "CVE-2026-0005", PublishedUtc = Sample.At(20, 0), PlannedUtc = Sample.At(22, 10, 1), ApprovedUtc = Sample.At(22, 13), DispatchedUtc = Sample.At(22, 13, 1),
        InstalledUtc = Sample.At(22, 13, 2), VerifiedUtc = Sample.At(22, 13, 3), ClosedUtc = Sample.At(22, 13, 3), ClosedReason = "fixed_in_effect",
    };

    private static Page<LedgerRow> Ledger => new()
    {
        Items =
        [
            new LedgerRow { Sequence = 12, AtUtc = Sample.At(24, 8), Actor = "user:bert", Action = "plan.approved", Subject = $"plan:{Sample.Plan}", Detail = """{"hash":"0123"}""" },
            new LedgerRow { Sequence = 11, AtUtc = Sample.At(24, 7), Actor = "policy", Action = "plan.made", Subject = $"plan:{Sample.Plan}", Detail = "{}" },
        ],
    };

    private static WorkRow FailedWork => new()
    {
        Id = Sample.Work, Kind = "exposure.match-asset", Subject = Sample.Web.ToString(), Attempts = 8, CreatedUtc = Sample.At(24, 1), LastTriedUtc = Sample.At(24, 9), Error = "the store is read-only",
    };

    private static Page<TokenRow> Tokens => new()
    {
        Items =
        [
            new TokenRow { Id = Sample.Work, Name = "grafana", User = "anna", Roles = [Role.Viewer], CreatedUtc = Sample.At(1, 10), ExpiresUtc = Sample.At(31, 10) },
            new TokenRow { Id = Sample.Plan, Name = "old", User = "anna", Roles = [Role.Viewer], Groups = ["web"], CreatedUtc = Sample.At(1, 10), ExpiresUtc = Sample.At(20, 10) },
            new TokenRow { Id = Sample.Plan, Name = "lost", User = "anna", Roles = [Role.Viewer], CreatedUtc = Sample.At(1, 10), ExpiresUtc = Sample.At(31, 10), RevokedUtc = Sample.At(2, 10) },
        ],
    };
}
