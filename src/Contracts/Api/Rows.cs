using System.Text.Json.Serialization;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;

namespace Suture.Contracts.Api;

/// <summary>A page of a list. Lists are paged by key, never by offset.</summary>
/// <typeparam name="T">Row.</typeparam>
public sealed record Page<T>
{
    /// <summary>Rows, in the list's stated order; at most the limit asked for.</summary>
    public required IReadOnlyList<T> Items { get; init; }

    /// <summary>Pass as <c>after</c> for the next page; null on the last.</summary>
    public string? Next { get; init; }

    /// <summary>Rows in all within the caller's scope; null when not counted.</summary>
    public int? Total { get; init; }
}

/// <summary>Problem details (RFC 9457).</summary>
public sealed record Problem
{
    /// <summary>Kind, a relative address of the documentation.</summary>
    public string? Type { get; init; }

    /// <summary>What is wrong, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>The thing, the value seen, the value wanted and the next step.</summary>
    public string? Detail { get; init; }

    /// <summary>Faults by field; null when there is only one of the whole.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}

/// <summary>State of an asset.</summary>
[JsonConverter(typeof(SnakeCase<AssetState>))]
public enum AssetState
{
    /// <summary>Reports.</summary>
    Active = 1,
    /// <summary>Two live holders of one identity; waits for a person.</summary>
    Quarantined = 2,
    /// <summary>Gone by a person's word.</summary>
    Retired = 3,
}

/// <summary>An asset in a list.</summary>
public sealed record AssetRow
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Host name.</summary>
    public required string Name { get; init; }

    /// <summary>Group it is in.</summary>
    public required string Group { get; init; }

    /// <summary>Environment, <c>production</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>State.</summary>
    public required AssetState State { get; init; }

    /// <summary>True when it is only observed.</summary>
    public required bool ObservedOnly { get; init; }

    /// <summary>Operating system in words; null when unknown.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>Last report; null when none came.</summary>
    public DateTimeOffset? LastReportUtc { get; init; }

    /// <summary>Last sign of life.</summary>
    public DateTimeOffset? LastSeenUtc { get; init; }

    /// <summary>True when it was silent for longer than the limit: its findings are no longer known.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Findings by status.</summary>
    public required IReadOnlyDictionary<string, int> Findings { get; init; }

    /// <summary>Sum of the risk of its findings, per day.</summary>
    public required double RiskPerDay { get; init; }
}

/// <summary>One value of an asset's context with its source.</summary>
public sealed record ContextValue
{
    /// <summary>Key: environment, criticality, sensitivity, internet-facing, owner, service.</summary>
    public required string Key { get; init; }

    /// <summary>Value as text.</summary>
    public required string Value { get; init; }

    /// <summary><c>observed</c>, <c>imported</c> or <c>stated</c>.</summary>
    public required string Source { get; init; }

    /// <summary>When it was set.</summary>
    public required DateTimeOffset AtUtc { get; init; }
}

/// <summary>An asset with what is known of it.</summary>
public sealed record AssetDetail
{
    /// <summary>The row of the list.</summary>
    public required AssetRow Asset { get; init; }

    /// <summary>Context values with their sources.</summary>
    public required IReadOnlyList<ContextValue> Context { get; init; }

    /// <summary>Last state reported; null when none came.</summary>
    public MachineState? State { get; init; }

    /// <summary>Packages of the last report; null when unknown.</summary>
    public IReadOnlyList<InstalledPackage>? Software { get; init; }

    /// <summary>What cannot be known of it.</summary>
    public required IReadOnlyList<UnknownItem> Unknown { get; init; }
}

/// <summary>Sets one context value by a person's word. Needs the role operator.</summary>
public sealed record ContextRequest
{
    /// <summary>Key, as in <see cref="ContextValue.Key"/>, or <c>group</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Value.</summary>
    public required string Value { get; init; }
}

/// <summary>One row of the work queue: one fix.</summary>
public sealed record FixRow
{
    /// <summary>Key, <c>bookworm/openssl/3.0.17-1~deb12u2</c>; pending effects end with <c>/effect</c>.</summary>
    public required string Key { get; init; }

    /// <summary>What to do, in words: <c>upgrade openssl to 3.0.17-1~deb12u2</c>.</summary>
    public required string Title { get; init; }

    /// <summary>Release.</summary>
    public required string Release { get; init; }

    /// <summary>Source package.</summary>
    public required string Source { get; init; }

    /// <summary>Source version to reach.</summary>
    public required string Version { get; init; }

    /// <summary>CVEs it closes, riskiest first; unrated updates are not among them.</summary>
    public required IReadOnlyList<string> Vulnerabilities { get; init; }

    /// <summary>Findings it closes.</summary>
    public required int Findings { get; init; }

    /// <summary>Those of them that await only a restart or a reboot.</summary>
    public required int PendingEffect { get; init; }

    /// <summary>Assets by environment.</summary>
    public required IReadOnlyDictionary<string, int> Assets { get; init; }

    /// <summary>Assets among them that have been silent for longer than the limit: what is known of them, findings and risk, may no longer hold.</summary>
    public int SilentAssets { get; init; }

    /// <summary>Risk it removes, per day.</summary>
    public required double RiskPerDay { get; init; }

    /// <summary>What its place rests on, as short texts: the published signals of its riskiest finding, then where the network reaches its package. Empty when no feed
    /// in force says anything of it.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Feeds that its findings and their risk rest on, with their dates; ordered by name.</summary>
    public IReadOnlyList<UsedFeed> Feeds { get; init; } = [];

    /// <summary>Earliest deadline of its findings; null when none.</summary>
    public Deadline? Deadline { get; init; }

    /// <summary>True when one of its CVEs is critical.</summary>
    public required bool IsCritical { get; init; }

    /// <summary>True when it also closes a security update that names no CVE.</summary>
    public required bool IsUnrated { get; init; }

    /// <summary>True when one of its CVEs is in KEV.</summary>
    public required bool InKev { get; init; }

    /// <summary>True when the package can be had by every asset concerned; false when by some not; null when unknown.</summary>
    public bool? PatchReady { get; init; }

    /// <summary>Plan that carries it now; null when none.</summary>
    public Guid? Plan { get; init; }

    /// <summary>State of the work: open, planned, waiting_approval, waiting_window, waiting_agent, running, verifying, blocked.</summary>
    public required string State { get; init; }

    /// <summary>Why nothing happens now on the assets that are blocked, the reason that most of them share; null when none is.</summary>
    public string? Blocked { get; init; }

    /// <summary>Since when the longest waiting job waits for its agent; null when none does.</summary>
    public DateTimeOffset? AgentAwaitedSinceUtc { get; init; }

    /// <summary>When the first of the windows opens that jobs wait for; null when none does.</summary>
    public DateTimeOffset? WindowOpensUtc { get; init; }

    /// <summary>Whose turn it is: <c>policy</c>, <c>approver</c>, <c>agent</c>, <c>person</c>.</summary>
    public required string Turn { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset TurnSinceUtc { get; init; }

    /// <summary>Team assigned; null when none.</summary>
    public string? Team { get; init; }

    /// <summary>Person assigned; null when none.</summary>
    public string? Person { get; init; }
}

/// <summary>A fix with its assets and what was said.</summary>
public sealed record FixDetail
{
    /// <summary>The row.</summary>
    public required FixRow Fix { get; init; }

    /// <summary>Assets concerned, with the actions each needs.</summary>
    public required IReadOnlyList<FixAsset> Assets { get; init; }

    /// <summary>Comments, oldest first.</summary>
    public required IReadOnlyList<Comment> Comments { get; init; }
}

/// <summary>One asset of a fix.</summary>
public sealed record FixAsset
{
    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Actions in order, <c>upgrade libssl3 3.0.16… to 3.0.17…</c>, <c>restart nginx.service</c>.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary>State of the work on it, as <see cref="FixRow.State"/>.</summary>
    public required string State { get; init; }

    /// <summary>Why nothing happens now; null when nothing blocks it.</summary>
    public string? Blocked { get; init; }

    /// <summary>Since when its job waits for the agent; null when none does.</summary>
    public DateTimeOffset? AgentAwaitedSinceUtc { get; init; }

    /// <summary>When the window opens that its job waits for; null when none does.</summary>
    public DateTimeOffset? WindowOpensUtc { get; init; }

    /// <summary>When the time of the job that waits runs out; null when none waits.</summary>
    public DateTimeOffset? JobExpiresUtc { get; init; }

    /// <summary>Its last sign of life when it has been silent for longer than the limit: what is known of it may no longer hold. Null otherwise.</summary>
    public DateTimeOffset? SilentSinceUtc { get; init; }
}

/// <summary>Somebody's words.</summary>
public sealed record Comment
{
    /// <summary>Who.</summary>
    public required string Author { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset AtUtc { get; init; }

    /// <summary>What; at most 4,000 characters.</summary>
    public required string Text { get; init; }
}

/// <summary>A comment to add.</summary>
public sealed record CommentRequest
{
    /// <summary>At most 4,000 characters.</summary>
    public required string Text { get; init; }
}

/// <summary>Who shall see to a fix.</summary>
public sealed record FixAssignment
{
    /// <summary>Team; null to clear.</summary>
    public string? Team { get; init; }

    /// <summary>Person; null to clear.</summary>
    public string? Person { get; init; }
}

/// <summary>State of a plan.</summary>
[JsonConverter(typeof(SnakeCase<PlanState>))]
public enum PlanState
{
    /// <summary>Waits for an approval.</summary>
    WaitingApproval = 1,
    /// <summary>Approved by a person, or by policy where the policy says so; its jobs run or are about to.</summary>
    Approved = 2,
    /// <summary>Rejected by a person.</summary>
    Rejected = 3,
    /// <summary>Every job has ended and every fix is verified.</summary>
    Verified = 4,
    /// <summary>Every job has ended, but something is not verified; says what.</summary>
    EndedUnverified = 5,
    /// <summary>New facts made a better plan before this one was approved.</summary>
    Superseded = 6,
}

/// <summary>A plan in a list.</summary>
public sealed record PlanRow
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Hash an approval is bound to; 64 lower-case hex digits.</summary>
    public required string Hash { get; init; }

    /// <summary>State.</summary>
    public required PlanState State { get; init; }

    /// <summary>What it does, in words.</summary>
    public required string Title { get; init; }

    /// <summary><c>policy</c>, or the user who asked for it.</summary>
    public required string Author { get; init; }

    /// <summary>Policy rule that made it.</summary>
    public required string Rule { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedUtc { get; init; }

    /// <summary>Assets it changes.</summary>
    public required int Assets { get; init; }

    /// <summary>Assets among them that have been silent for longer than the limit: what an open plan rests on may no longer hold there. 0 for a plan at its end.</summary>
    public int SilentAssets { get; init; }

    /// <summary>Findings it closes.</summary>
    public required int Findings { get; init; }

    /// <summary>Risk it removes, per day.</summary>
    public required double RiskPerDay { get; init; }

    /// <summary>Who decided; null while it waits.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When; null while it waits.</summary>
    public DateTimeOffset? DecidedUtc { get; init; }

    /// <summary>Reason given with the decision, or what is not verified; null when none.</summary>
    public string? Reason { get; init; }
}

/// <summary>A plan as the frozen diff it is.</summary>
public sealed record PlanDetail
{
    /// <summary>The row.</summary>
    public required PlanRow Plan { get; init; }

    /// <summary>Changes, in order of execution.</summary>
    public required IReadOnlyList<PlanChange> Changes { get; init; }

    /// <summary>What an approval also allows or excludes, one sentence each: restarts, reboots, the window. Covered by the hash.</summary>
    public IReadOnlyList<string> Clauses { get; init; } = [];

    /// <summary>Jobs made from it; empty before approval.</summary>
    public required IReadOnlyList<JobRow> Jobs { get; init; }

    /// <summary>Why an approved plan has no jobs although it should: the server's own work on it failed for good, with the reason and the next step. Null when it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>In the answer to a request for a plan: assets that it leaves out, each with the reason, <c>web2: the endpoint is only observed</c>; the first few, and how
    /// many more. Empty otherwise.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
}

/// <summary>One change on one asset; part of what the hash covers.</summary>
public sealed record PlanChange
{
    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Its name when the plan was made.</summary>
    public required string AssetName { get; init; }

    /// <summary>Environment of the asset when the plan was made: an approval by the policy holds for this one only. Null in plans that were made before it was kept.</summary>
    public string? Environment { get; init; }

    /// <summary>Group of the asset when the plan was made; as <see cref="Environment"/>.</summary>
    public string? Group { get; init; }

    /// <summary>Wave, from 1; waves run one after the other.</summary>
    public required int Wave { get; init; }

    /// <summary>Verb.</summary>
    public required JobVerb Verb { get; init; }

    /// <summary>Exact packages with hashes; empty for restarts.</summary>
    public required IReadOnlyList<JobPackage> Packages { get; init; }

    /// <summary>Versions the asset had when the plan was made, by package.</summary>
    public required IReadOnlyDictionary<string, string> From { get; init; }

    /// <summary>Units to restart; empty otherwise.</summary>
    public required IReadOnlyList<string> Units { get; init; }

    /// <summary>Fix it belongs to.</summary>
    public required string Fix { get; init; }

    /// <summary>Vulnerabilities it closes on this asset.</summary>
    public required IReadOnlyList<string> Vulnerabilities { get; init; }
}

/// <summary>A decision on a plan, bound to the hash that the person saw.</summary>
public sealed record PlanDecisionRequest
{
    /// <summary>Hash of the plan as seen.</summary>
    public required string Hash { get; init; }

    /// <summary>Why; required for a rejection.</summary>
    public string? Reason { get; init; }
}

/// <summary>Asks for a plan for a fix.</summary>
public sealed record PlanRequest
{
    /// <summary>Key of the fix.</summary>
    public required string Fix { get; init; }

    /// <summary>Assets; null for all of the fix within the caller's scope.</summary>
    public IReadOnlyList<Guid>? Assets { get; init; }
}

/// <summary>State of a job.</summary>
/// <remarks>1 belonged to a state that no job ever had, and stays free.</remarks>
[JsonConverter(typeof(SnakeCase<JobState>))]
public enum JobState
{
    /// <summary>May be fetched.</summary>
    Ready = 2,
    /// <summary>Leased to the agent.</summary>
    Leased = 3,
    /// <summary>The agent says it is done; no fresh report proves it yet.</summary>
    Unproven = 4,
    /// <summary>A fresh report shows the fix installed and in effect.</summary>
    Verified = 5,
    /// <summary>A fresh report shows it installed, old code still running.</summary>
    PendingEffect = 6,
    /// <summary>It failed or was refused.</summary>
    Failed = 7,
    /// <summary>Its time ran out before an agent took it.</summary>
    Expired = 8,
    /// <summary>Taken back before an agent took it: the policy approved it for what the asset was then; the evidence says what changed.</summary>
    Withdrawn = 9,
}

/// <summary>A job in a list.</summary>
public sealed record JobRow
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Plan; null for a report that a person asked for.</summary>
    public Guid? Plan { get; init; }

    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Its name.</summary>
    public required string AssetName { get; init; }

    /// <summary>Verb.</summary>
    public required JobVerb Verb { get; init; }

    /// <summary>What it does, in words.</summary>
    public required string Title { get; init; }

    /// <summary>State.</summary>
    public required JobState State { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedUtc { get; init; }

    /// <summary>Not to be begun before: when its window opens, else when it was made.</summary>
    public required DateTimeOffset NotBeforeUtc { get; init; }

    /// <summary>Not to be begun at or after; an agent that has not taken it by then never will.</summary>
    public required DateTimeOffset ExpiresUtc { get; init; }

    /// <summary>When an agent took it; null before.</summary>
    public DateTimeOffset? LeasedUtc { get; init; }

    /// <summary>The agent's result; null before.</summary>
    public JobResult? Result { get; init; }

    /// <summary>What the fresh report showed; null before.</summary>
    public string? Evidence { get; init; }

    /// <summary>Report that showed it; null before.</summary>
    public Guid? EvidenceReport { get; init; }
}

/// <summary>A feed's state.</summary>
public sealed record FeedRow
{
    /// <summary>Feed.</summary>
    public required string Feed { get; init; }

    /// <summary>Where it is read from; null when it was imported by hand.</summary>
    public string? Url { get; init; }

    /// <summary>Records in force.</summary>
    public required int Records { get; init; }

    /// <summary>Date of the content in force; null when not stated.</summary>
    public DateOnly? ContentDate { get; init; }

    /// <summary>Last time it was read well; null when never.</summary>
    public DateTimeOffset? LastSuccessUtc { get; init; }

    /// <summary>Last time it was tried; null when never.</summary>
    public DateTimeOffset? LastAttemptUtc { get; init; }

    /// <summary>Why the last try was refused (feed, line, reason), or why nothing could be fetched; null when it went well.</summary>
    public string? Problem { get; init; }

    /// <summary>True when <see cref="Problem"/> is that its address could not be read: no content was refused.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>Version of the publisher's model; null when it has none.</summary>
    public string? Version { get; init; }
}

/// <summary>A row of the ledger.</summary>
public sealed record LedgerRow
{
    /// <summary>Position, from 1, without gaps once sealed.</summary>
    public required long Sequence { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset AtUtc { get; init; }

    /// <summary>Who: <c>user:anna</c>, <c>policy</c>, <c>agent:ID</c>, <c>server</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>What: <c>plan.approved</c>.</summary>
    public required string Action { get; init; }

    /// <summary>To what: <c>plan:ID</c>.</summary>
    public required string Subject { get; init; }

    /// <summary>Details, JSON text.</summary>
    public required string Detail { get; init; }

    /// <summary>Group of the asset it is about; null when it is of the whole installation. A fact about several groups has a row for each.</summary>
    public string? Group { get; init; }
}

/// <summary>An episode with its clocks.</summary>
public sealed record EpisodeRow
{
    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Release.</summary>
    public required string Release { get; init; }

    /// <summary>Source package.</summary>
    public required string Source { get; init; }

    /// <summary>Vulnerability.</summary>
    public required string Vulnerability { get; init; }

    /// <summary>When the advisory was published; null when not stated.</summary>
    public DateTimeOffset? PublishedUtc { get; init; }

    /// <summary>When this server first saw it on the asset.</summary>
    public required DateTimeOffset DetectedUtc { get; init; }

    /// <summary>When a plan first carried it.</summary>
    public DateTimeOffset? PlannedUtc { get; init; }

    /// <summary>When that plan was approved.</summary>
    public DateTimeOffset? ApprovedUtc { get; init; }

    /// <summary>When its job went to the agent.</summary>
    public DateTimeOffset? DispatchedUtc { get; init; }

    /// <summary>When a report first showed the fixed version installed.</summary>
    public DateTimeOffset? InstalledUtc { get; init; }

    /// <summary>When a report showed it in effect.</summary>
    public DateTimeOffset? VerifiedUtc { get; init; }

    /// <summary>When it closed; null while open.</summary>
    public DateTimeOffset? ClosedUtc { get; init; }

    /// <summary>Why it closed: fixed_in_effect, removed, not_affected, advisory_changed, asset_retired; null while open.</summary>
    public string? ClosedReason { get; init; }
}

/// <summary>The chain from a feed record to an asset, or why there is none.</summary>
public sealed record Explanation
{
    /// <summary>Vulnerability asked for.</summary>
    public required string Vulnerability { get; init; }

    /// <summary>Asset; null when asked without one.</summary>
    public string? Asset { get; init; }

    /// <summary>The answer in one sentence.</summary>
    public required string Verdict { get; init; }

    /// <summary>Steps in order: feed record, match, exposure, risk, deadline, plan, job, evidence.</summary>
    public required IReadOnlyList<ExplanationStep> Steps { get; init; }
}

/// <summary>One step of an explanation.</summary>
public sealed record ExplanationStep
{
    /// <summary>Stage, <c>advisory</c>, <c>match</c>, <c>risk</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>What was found.</summary>
    public required string Text { get; init; }

    /// <summary>Where from; null when computed here.</summary>
    public string? Source { get; init; }
}
