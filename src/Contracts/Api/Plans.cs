using System.Text.Json.Serialization;
using Suture.Contracts.Approvals;
using Suture.Contracts.Jobs;

namespace Suture.Contracts.Api;

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
    /// <summary>Taken back by a person before an agent had taken any of its jobs.</summary>
    Withdrawn = 7,
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
    public required IReadOnlyList<PlanChange> Changes { get; init => field = ListOf.Whole(value); }

    /// <summary>What an approval also allows or excludes, one sentence each: restarts, reboots, the window. Covered by the hash.</summary>
    public IReadOnlyList<string> Clauses { get; set => field = ListOf.Whole(value); } = [];

    /// <summary>Jobs made from it; empty before approval.</summary>
    public required IReadOnlyList<JobRow> Jobs { get; init => field = ListOf.Whole(value); }

    /// <summary>Whose signatures the agents of its assets demand, and who has signed; empty when none are demanded.</summary>
    public IReadOnlyList<SignatureDemand> Signatures { get; set => field = ListOf.Whole(value); } = [];

    /// <summary>The bytes that the hash is over, for an approver to check and to show before signing; null for a plan that waits for no signature, or reaches beyond the scope.</summary>
    public ApprovedPlan? ToSign { get; init; }

    /// <summary>Why an approved plan has no jobs although it should: the server's own work on it failed for good, with the reason and the next step. Null when it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>In the answer to a request for a plan: assets that it leaves out, each with the reason, <c>web2: the endpoint is only observed</c>; the first few, and how
    /// many more. Empty otherwise.</summary>
    public IReadOnlyList<string> LeftOut { get; set => field = ListOf.Whole(value); } = [];
}

/// <summary>What agents of one group demand of a plan beside its approval.</summary>
public sealed record SignatureDemand
{
    /// <summary>Group.</summary>
    public required string Group { get; init; }

    /// <summary>How many holders must sign; null when the agents hold a set of approvers that the server does not know.</summary>
    public int? Needed { get; init; }

    /// <summary>Users whose signatures count.</summary>
    public required IReadOnlyList<string> Holders { get; init => field = ListOf.Whole(value); }

    /// <summary>Those who have signed.</summary>
    public required IReadOnlyList<string> SignedBy { get; init => field = ListOf.Whole(value); }
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
    public required IReadOnlyList<JobPackage> Packages { get; init => field = ListOf.Whole(value); }

    /// <summary>Versions the asset had when the plan was made, by package.</summary>
    public required IReadOnlyDictionary<string, string> From { get; init; }

    /// <summary>Units to restart; empty otherwise.</summary>
    public required IReadOnlyList<string> Units { get; init => field = ListOf.Whole(value); }

    /// <summary>Fix it belongs to.</summary>
    public required string Fix { get; init; }

    /// <summary>Vulnerabilities it closes on this asset.</summary>
    public required IReadOnlyList<string> Vulnerabilities { get; init => field = ListOf.Whole(value); }
}

/// <summary>A decision on a plan, bound to the hash that the person saw.</summary>
public sealed record PlanDecisionRequest
{
    /// <summary>Hash of the plan as seen.</summary>
    public required string Hash { get; init; }

    /// <summary>Why; required for a rejection.</summary>
    public string? Reason { get; init; }

    /// <summary>The approver's own signature over the hash (its 32 bytes), where agents demand some; null otherwise.</summary>
    public ApproverSignature? Signature { get; init; }
}

/// <summary>Takes a plan back.</summary>
public sealed record PlanWithdrawalRequest
{
    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}

/// <summary>Asks for a plan for a fix.</summary>
public sealed record PlanRequest
{
    /// <summary>Key of the fix.</summary>
    public required string Fix { get; init; }

    /// <summary>Assets; null for all of the fix within the caller's scope.</summary>
    public IReadOnlyList<Guid>? Assets { get; init; }
}
