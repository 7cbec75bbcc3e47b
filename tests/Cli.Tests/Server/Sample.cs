using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;

namespace Suture.Cli.Tests.Server;

/// <summary>What a small fleet's server says: two machines, three fixes, a plan that waits and one that has ended. One instant carries another zone's offset.</summary>
internal static class Sample
{
    internal const string OpensslKey = "bookworm/openssl/3.0.17-1~deb12u2";
    internal static readonly Guid Web = new("01970000-0000-7000-8000-000000000001");
    internal static readonly Guid Lab = new("01970000-0000-7000-8000-000000000002");
    internal static readonly Guid Plan = new("01970000-0000-7000-8000-00000000000a");
    internal static readonly Guid Work = new("01970000-0000-7000-8000-00000000000b");
    internal static readonly string Hash = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    internal static DateTimeOffset At(int day, int hour, int minute = 0) => new(2026, 8, day, hour, minute, 0, TimeSpan.Zero);

    internal static Deadline Due(int day) => new()
    {
        Due = new DateOnly(2026, 8, day), Days = 3, Rule = "CISA BOD 26-04 row 15", IsAssumed = true,
        Facts = "in KEV: yes, publicly exposed: yes (assumed), automatable: no, technical impact: total",
    };

    internal static FixRow Openssl => new()
    {
        Key = OpensslKey, Title = "upgrade openssl to 3.0.17-1~deb12u2", Release = "bookworm", Source = "openssl", Version = "3.0.17-1~deb12u2",
        Vulnerabilities = ["CVE-2026-0001", "CVE-2026-0002"], Findings = 6, PendingEffect = 0,
        Assets = new Dictionary<string, int> { ["production"] = 1, ["staging"] = 1 }, RiskPerDay = 1.158,
        Reasons = ["in KEV since 2026-08-21", "EPSS 99th percentile", "listens on 0.0.0.0:443 (nginx)"], Deadline = Due(24), IsCritical = true, IsUnrated = false, InKev = true,
        PatchReady = true, Plan = Plan, State = "waiting_approval", Turn = "approver", TurnSinceUtc = At(24, 7), Team = "web", Person = "anna",
    };

    internal static FixRow Effect => new()
    {
        Key = "bookworm/zlib/1:1.2.13.dfsg-1+deb12u1/effect", Title = "restart nginx.service to bring zlib 1:1.2.13.dfsg-1+deb12u1 into effect", Release = "bookworm", Source = "zlib",
        Version = "1:1.2.13.dfsg-1+deb12u1", Vulnerabilities = ["CVE-2026-0009"], Findings = 1, PendingEffect = 1, Assets = new Dictionary<string, int> { ["production"] = 1 },
        RiskPerDay = 0.0086, Reasons = [], Deadline = new Deadline { Rule = "CISA BOD 26-04 row 1", Facts = "in KEV: no", IsAssumed = false }, IsCritical = false, IsUnrated = false,
        InKev = false, PatchReady = true, State = "a_state_of_tomorrow", Turn = "agent", TurnSinceUtc = At(24, 9, 58),
    };

    internal static FixRow Curl => new()
    {
        Key = "bookworm/curl/7.88.1-10+deb12u12", Title = "upgrade curl to 7.88.1-10+deb12u12", Release = "bookworm", Source = "curl", Version = "7.88.1-10+deb12u12",
        Vulnerabilities = [], Findings = 1, PendingEffect = 0, Assets = new Dictionary<string, int> { ["production"] = 1 }, RiskPerDay = 0.00005, Reasons = [],
        IsCritical = false, IsUnrated = true, InKev = false, PatchReady = false, State = "blocked", Blocked = "the endpoint is only observed: its own configuration refuses every change",
        Turn = "person", TurnSinceUtc = new DateTimeOffset(2026, 8, 12, 5, 30, 0, TimeSpan.FromHours(5.5)),
    };

    internal static Page<FixRow> Fixes => new() { Items = [Openssl, Effect, Curl], Total = 3 };

    /// <summary>The queue of a machine that is only observed, with no feed but the archive.</summary>
    internal static Page<FixRow> ObservedFixes => new()
    {
        Items = [.. Enumerable.Range(1, 8).Select(i => Curl with
        {
            Key = $"bookworm/source{i}/1.0-{i}", Vulnerabilities = [.. Enumerable.Range(1, i).Select(n => $"CVE-2026-{i}00{n}")], IsUnrated = i == 3, PatchReady = true, Findings = i,
            RiskPerDay = 0.1 / i, Deadline = Due(30), TurnSinceUtc = At(24, 9, 59),
        })],
        Total = 8,
    };

    internal static Page<FeedRow> Feeds => new()
    {
        Items =
        [
            new FeedRow { Feed = "cisa-kev", Records = 1_400, ContentDate = new DateOnly(2026, 8, 21), LastSuccessUtc = At(24, 9) },
            new FeedRow { Feed = "cve-records", Records = 0, Problem = "cve-records: cves.zip: it is no zip archive", LastAttemptUtc = At(24, 9) },
            new FeedRow { Feed = "debian-archive/bookworm-security", Records = 3_016, ContentDate = new DateOnly(2026, 8, 23), LastSuccessUtc = At(24, 9, 30) },
            new FeedRow { Feed = "debian-dla", Records = 0, Problem = "could not be fetched: Name or service not known (salsa.debian.org:443)", IsUnreachable = true },
            new FeedRow { Feed = "debian-dsa", Records = 0, Problem = "could not be fetched: Name or service not known (salsa.debian.org:443)", IsUnreachable = true },
            new FeedRow
            {
                Feed = "first-epss", Records = 300_000, ContentDate = new DateOnly(2026, 8, 1), Version = "v5", LastSuccessUtc = At(2, 9), IsUnreachable = true,
                Problem = "could not be fetched: Name or service not known (epss.example:443)",
            },
        ],
    };

    internal static AssetRow WebRow => new()
    {
        Id = Web, Name = "web1", Group = "default", Environment = "production", State = AssetState.Active, ObservedOnly = true, OperatingSystem = "Debian GNU/Linux 12 (bookworm)",
        LastReportUtc = At(24, 9, 55), LastSeenUtc = At(24, 9, 59), Findings = new Dictionary<string, int> { ["affected"] = 7, ["pending_effect"] = 1 }, RiskPerDay = 1.16,
    };

    internal static AssetRow LabRow => WebRow with
    {
        Id = Lab, Name = "lab\u001b[31m7", Environment = "staging", ObservedOnly = false, IsSilent = true, State = AssetState.Quarantined, LastReportUtc = null, LastSeenUtc = null, OperatingSystem = null,
        Findings = new Dictionary<string, int>(), RiskPerDay = 0,
    };

    internal static Page<AssetRow> Assets => new() { Items = [LabRow, WebRow], Total = 2 };

    internal static AssetDetail WebDetail => new()
    {
        Asset = WebRow,
        Context =
        [
            new ContextValue { Key = "environment", Value = "production", Source = "stated", AtUtc = At(1, 8) },
            new ContextValue { Key = "criticality", Value = "4", Source = "stated", AtUtc = At(2, 8) },
            new ContextValue { Key = "os", Value = "Debian GNU/Linux 12 (bookworm)", Source = "observed", AtUtc = At(24, 9, 55) },
        ],
        State = new MachineState
        {
            OperatingSystem = new OperatingSystemRelease { Id = "debian", Codename = "bookworm", PrettyName = "Debian GNU/Linux 12 (bookworm)", Architecture = "amd64" },
            RunningKernel = new RunningKernel { Release = "6.1.0-37-amd64", SourceVersion = "6.1.140-1", Package = "linux-image-6.1.0-37-amd64", IsForeign = false },
            RebootRequest = new RebootRequest { IsRequired = true, Packages = ["linux-image-6.1.0-38-amd64"] },
            Listening =
            [
                new ListeningSocket { Protocol = "tcp", Address = "0.0.0.0", Port = 443, Command = "nginx", Package = "nginx", IsLoopbackOnly = false },
                new ListeningSocket { Protocol = "tcp", Address = "127.0.0.1", Port = 5432, Command = "postgres", Package = "postgresql-15", IsLoopbackOnly = true },
            ],
            Failures = [],
        },
        Software = [],
        Unknown =
        [
            new UnknownItem { Subject = "outdated-processes", Reason = "1 process may not be looked at (1 init). Run as root with CAP_SYS_PTRACE." },
            new UnknownItem { Subject = "listening-sockets", Reason = "1 process may not be looked at (1 init). Run as root with CAP_SYS_PTRACE." },
            new UnknownItem { Subject = "docker-ce", Reason = "It comes from a third party's repository; no feed covers it." },
        ],
    };

    internal static Page<Finding> Findings => new()
    {
        Items =
        [
            Finding("CVE-2026-0001", "libssl3", Web, "web1", 0.9, "in KEV since 2026-08-21 (known to be exploited)"),
            Finding("CVE-2026-0001", "openssl", Web, "web1", 0.9, "in KEV since 2026-08-21 (known to be exploited)"),
            Finding("CVE-2026-0001", "libssl3", Lab, "lab7", 0.2, "in KEV since 2026-08-21 (known to be exploited)") with { Status = FindingStatus.PendingEffect, Action = "restart nginx.service" },
            Finding("CVE-2026-0002", "libssl3", Web, "web1", 0.0043, null),
        ],
        Next = "more",
        Total = 57,
    };

    private static Finding Finding(string vulnerability, string package, Guid asset, string name, double risk, string? reason) => new()
    {
        Vulnerability = vulnerability, Package = package, Architecture = "amd64", Source = "openssl", InstalledVersion = "3.0.16-1~deb12u1", FixedVersion = "3.0.17-1~deb12u2",
        Status = FindingStatus.Affected, Evidence = [], Asset = asset, AssetName = name, Deadline = Due(24),
        Risk = new RiskScore
        {
            PerDay = risk, Likelihood = 0.5, Factors = [], Model = "stated-1", IsCritical = reason is not null,
            Reasons = reason is null ? [] : [new RiskReason { Signal = "kev", Text = reason, Points = 3.5, Source = "cisa-kev" }],
        },
    };

    internal static FixDetail OpensslDetail => new()
    {
        Fix = Openssl,
        Assets =
        [
            new FixAsset { Asset = Web, Name = "web1", Environment = "production", Actions = ["upgrade libssl3 to 3.0.17-1~deb12u2", "restart nginx.service"] },
            new FixAsset { Asset = Lab, Name = "lab7", Environment = "staging", Actions = ["restart nginx.service"], Blocked = "the asset is silent; what is known of it may no longer hold" },
        ],
        Comments = [new Comment { Author = "anna", AtUtc = At(24, 8), Text = "After the release.\nNot before 18:00." }],
    };

    internal static PlanRow PlanRow => new()
    {
        Id = Plan, Hash = Hash, State = PlanState.WaitingApproval, Title = "upgrade openssl on web1", Author = "policy", Rule = "production waits for a person", CreatedUtc = At(24, 7),
        Assets = 1, Findings = 5, RiskPerDay = 1.158,
    };

    internal static PlanRow EndedRow => PlanRow with
    {
        Id = new Guid("01970000-0000-7000-8000-0000000000ff"), State = PlanState.EndedUnverified, Author = "anna", Rule = "asked for by anna", DecidedBy = "bert", DecidedUtc = At(23, 12),
        Reason = "bookworm/zlib/1:1.2.13.dfsg-1+deb12u1 on web1: nginx.service still runs the old code", Title = "upgrade zlib on web1",
    };

    internal static PlanDetail PlanDetail => new()
    {
        Plan = PlanRow,
        Changes =
        [
            new PlanChange
            {
                Asset = Web, AssetName = "web1", Wave = 1, Verb = JobVerb.EnsurePackage, From = new Dictionary<string, string> { ["libssl3"] = "3.0.16-1~deb12u1" }, Units = [], Fix = OpensslKey,
                Packages = [new JobPackage { Name = "libssl3", Architecture = "amd64", Version = "3.0.17-1~deb12u2", MinimumVersion = "3.0.17-1~deb12u2", Sha256 = Hash }],
                Vulnerabilities = ["CVE-2026-0001", "CVE-2026-0002"],
            },
            new PlanChange
            {
                Asset = Web, AssetName = "web1", Wave = 1, Verb = JobVerb.RestartService, From = new Dictionary<string, string>(), Units = ["nginx.service"], Fix = OpensslKey, Packages = [],
                Vulnerabilities = ["CVE-2026-0001"],
            },
        ],
        Clauses =
        [
            "After the changes, services that still run old code of these fixes are restarted, without asking again.", "No machine is rebooted beyond the changes listed.",
            "Changes start only Saturday, Sunday from 22:00 to 04:00 (Europe/Berlin).",
        ],
        Jobs = [],
    };

    internal static JobRow Job => new()
    {
        Id = new Guid("01970000-0000-7000-8000-00000000000c"), Plan = Plan, Asset = Web, AssetName = "web1", Verb = JobVerb.EnsurePackage,
        Title = "upgrade libssl3 3.0.16-1~deb12u1 to 3.0.17-1~deb12u2", State = JobState.PendingEffect, CreatedUtc = At(24, 8),
        Evidence = "installed at 3.0.17-1~deb12u2; nginx (pid 812, nginx.service) still maps the old libssl.so.3",
    };

    internal static Page<JobRow> Jobs => new()
    {
        Items =
        [
            Job,
            Job with { State = JobState.Failed, Evidence = null, Result = Result(JobOutcome.PreflightFailed, "origin-unreachable", "http://deb.example does not answer") },
            Job with { State = JobState.Unproven, Evidence = null, Result = Result(JobOutcome.Done, null, null) },
            Job with { State = JobState.Leased, Evidence = null, LeasedUtc = At(24, 8, 1) },
        ],
    };

    private static JobResult Result(JobOutcome outcome, string? reason, string? detail) => new()
    {
        JobId = Job.Id, Outcome = outcome, Reason = reason, Detail = detail, StartedUtc = At(24, 8), EndedUtc = At(24, 8, 1),
    };
}
