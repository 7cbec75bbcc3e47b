using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Remediation.Planning;
using Suture.Remediation.Policies;

namespace Suture.Server.Tests.Remediation;

/// <summary>Values that fill what a test does not care about.</summary>
internal static class GivenRemediation
{
    internal const string Cve = "CVE-2026-0001";
    internal const string OtherCve = "CVE-2026-0002";
    internal const string Old = "3.0.16-1~deb12u1";
    internal const string Fixed = "3.0.17-1~deb12u2";

    private static int _ids;

    internal static DateTimeOffset Start { get; } = new(2026, 8, 10, 12, 0, 0, TimeSpan.Zero);

    internal static Policy Default => PolicyStore.Default.Policy;

    internal static Guid Id() => new(Interlocked.Increment(ref _ids), 0, 7, [0, 0, 0, 0, 0, 0, 0, 2]);

    internal static RiskReason Kev { get; } = new() { Signal = "kev", Text = "Known exploited", Points = 6, Source = "cisa-kev" };

    internal static Finding Finding(
        string vulnerability = Cve, string package = "libssl3", string source = "openssl", string installed = Old, string fixedVersion = Fixed,
        FindingStatus status = FindingStatus.Affected, bool critical = true, bool kev = true, bool rated = true, double risk = 0.5, Deadline? deadline = null,
        string? unit = "nginx.service") => new()
    {
        Vulnerability = vulnerability,
        IsUnrated = vulnerability.StartsWith("UNRATED-", StringComparison.Ordinal),
        Package = package,
        Architecture = "amd64",
        Source = source,
        InstalledVersion = installed,
        FixedVersion = fixedVersion,
        Status = status,
        Action = status != FindingStatus.PendingEffect ? null : unit is null ? "reboot" : $"restart {unit}",
        Processes = status == FindingStatus.PendingEffect ? [Process(package, unit)] : [],
        Risk = new RiskScore
        {
            PerDay = risk,
            Likelihood = 0.5,
            Reasons = rated ? [kev ? Kev : new RiskReason { Signal = "epss-percentile", Text = "EPSS", Points = 1, Source = "first-epss" }] : [],
            Factors = [],
            Model = "test",
            IsCritical = critical,
        },
        Deadline = deadline,
        Evidence = [new FindingEvidence { Feed = "debian-dsa", Record = "DSA-1", Rule = "rule" }],
    };

    internal static Deadline AssumedDeadline { get; } = new() { Due = new DateOnly(2026, 8, 13), Days = 3, Rule = "row 1", Facts = "exposed: yes (assumed)", IsAssumed = true };

    internal static OutdatedProcess Process(string package, string? unit) => new()
    {
        Package = package,
        ProcessId = 812,
        Command = "nginx",
        Unit = unit,
        StartedUtc = Start,
        Basis = OutdatedBasis.MapsReplacedFile,
        File = "/usr/lib/x86_64-linux-gnu/libssl.so.3",
    };

    internal static InstalledPackage Package(string name = "libssl3", string version = Old, string source = "openssl") => new()
    {
        Name = name,
        Version = version,
        Architecture = "amd64",
        Source = source,
        SourceVersion = version,
        Origin = OriginKind.Distribution,
        OriginBasis = OriginBasis.Observed,
    };

    internal static AvailableUpdate Update(string name = "libssl3", string version = Fixed, string source = "openssl", string? sourceVersion = null) => new()
    {
        Package = name,
        Architecture = "amd64",
        Version = version,
        Source = source,
        SourceVersion = sourceVersion ?? version,
        Suite = "bookworm-security",
        IsSecurity = true,
        Sha256 = new string('a', 64),
        SizeBytes = 1,
    };

    internal static MachineState State(IReadOnlyList<AvailableUpdate>? updates = null, bool areProcessesKnown = true) => new()
    {
        OperatingSystem = new OperatingSystemRelease { Id = "debian", Codename = "bookworm", PrettyName = "Debian", Architecture = "amd64" },
        OutdatedProcesses = areProcessesKnown ? [] : null,
        AvailableUpdates = updates ?? [],
        PackageIndexes = [],
        Failures = areProcessesKnown ? [] : [new CollectorFailure { Collector = "processes", Reason = "no permission" }],
    };

    internal static PlanInput Input(
        IReadOnlyList<Finding>? findings = null, IReadOnlyList<InstalledPackage>? packages = null, IReadOnlyList<AvailableUpdate>? updates = null,
        string environment = "staging", string? held = null, Guid? asset = null) => new()
    {
        Asset = asset ?? Id(),
        Name = "web1",
        Environment = environment,
        Group = "ours",
        Held = held,
        Release = "bookworm",
        Findings = findings ?? [Finding()],
        Packages = packages ?? [Package()],
        Updates = updates ?? [Update()],
    };

    internal static PlanChange Change(Guid? asset = null, JobVerb verb = JobVerb.EnsurePackage, string fix = $"bookworm/openssl/{Fixed}") => new()
    {
        Asset = asset ?? Id(),
        AssetName = "web1",
        Wave = 1,
        Verb = verb,
        Packages = verb == JobVerb.EnsurePackage
            ? [new JobPackage { Name = "libssl3", Architecture = "amd64", Version = Fixed, MinimumVersion = Fixed, Sha256 = new string('a', 64) }]
            : [],
        From = new Dictionary<string, string> { ["libssl3"] = Old },
        Units = verb == JobVerb.RestartService ? ["nginx.service"] : [],
        Fix = fix,
        Vulnerabilities = [Cve],
    };

    internal static PlanBody Body(params PlanChange[] changes) => new()
    {
        Plan = Id(),
        Author = "policy",
        Rule = "critical outside production",
        PolicyDigest = "d",
        Restarts = "services",
        Reboots = "never",
        Changes = changes,
    };

    internal static OpenPlan Open(PlanBody body, PlanState state = PlanState.WaitingApproval) => new() { Id = body.Plan, State = state, Version = 1, Body = body, Parts = [.. body.Changes.Select(change => new PlanPart(change.Asset, change.Fix, 1, 0.5)).Distinct()] };
}
