using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Exposure.Fixes;
using Suture.Remediation.Policies;

namespace Suture.Remediation.Planning;

/// <summary>Whose turn a fix on an asset is.</summary>
internal static class Turn
{
    public const string Policy = "policy";
    public const string Approver = "approver";
    public const string Agent = "agent";
    public const string Person = "person";
}

/// <summary>A plan that is not at its end.</summary>
internal sealed record OpenPlan
{
    public required Guid Id { get; init; }

    public required PlanState State { get; init; }

    public required long Version { get; init; }

    public required PlanBody Body { get; init; }

    public required IReadOnlyList<PlanPart> Parts { get; init; }

    public bool IsPolicys => Body.Author == DecidePlans.PolicyAuthor;
}

/// <summary>What a plan closes for one fix on one asset.</summary>
internal sealed record PlanPart(Guid Asset, string Fix, int Findings, double RiskPerDay)
{
    public static PlanPart Of(Guid asset, AssetWork work) => new(asset, work.Fix.ToString(), work.Findings, work.RiskPerDay);
}

/// <summary>How often the policy's plans for one fix on one asset came to nothing.</summary>
internal sealed record FixFailures(string Line, string Key, int Count, DateTimeOffset RetryUtc, string Reason);

/// <summary>A plan to make.</summary>
internal sealed record NewPlan
{
    public required PlanBody Body { get; init; }

    /// <summary>True when the policy asks nobody.</summary>
    public required bool IsApproved { get; init; }

    public required string Title { get; init; }

    /// <summary>A person's plan whose place it takes, because the facts went on; null for a plan that the policy or a person makes.</summary>
    public Guid? Replaces { get; init; }

    /// <summary>One a fix of an asset.</summary>
    public required IReadOnlyList<PlanPart> Parts { get; init; }
}

internal sealed record SupersededPlan(OpenPlan Plan, string Reason);

/// <summary>What is to be said of one fix on one asset.</summary>
internal sealed record FixNote(FixKey Fix, string Turn, string? Blocked);

internal sealed record PlanVerdict
{
    public required IReadOnlyList<NewPlan> Made { get; init; }

    public required IReadOnlyList<SupersededPlan> Superseded { get; init; }

    /// <summary>One a fix of the asset.</summary>
    public required IReadOnlyList<FixNote> Notes { get; init; }

    /// <summary>When to look again by itself; null when only news can change the verdict.</summary>
    public DateTimeOffset? LookAgainUtc { get; init; }
}

/// <summary>Which plans an asset shall have, by the policy and by the plans that exist. Pure.</summary>
/// <remarks>
/// 1. Each fix of the asset is put to the policy. 2. What an approved plan carries stays with it until it ends. 3. What the policy patches is grouped,
/// one plan a rule, in the order of risk. 4. A waiting plan of the policy stays when its facts do, else a new one takes its place. 5. A waiting plan that a
/// person asked for follows the facts in the same way, except where the policy now patches without asking.
/// </remarks>
internal sealed class DecidePlans
{
    public const string PolicyAuthor = "policy";

    /// <summary>A silent asset is heard of by its polls, which ask for no plan; so it is looked at again.</summary>
    private static readonly TimeSpan SilentLook = TimeSpan.FromHours(1);

    private readonly PlanInput _asset;
    private readonly Policy _policy;
    private readonly IReadOnlyList<OpenPlan> _open;
    private readonly Dictionary<string, FixFailures> _failures;
    private readonly DateTimeOffset _now;
    private readonly List<FixNote> _notes = [];
    private DateTimeOffset? _lookAgain;

    private DecidePlans(PlanInput asset, Policy policy, IReadOnlyList<OpenPlan> open, IReadOnlyList<FixFailures> failures, DateTimeOffset now)
    {
        _asset = asset;
        _policy = policy;
        _open = open;
        _failures = failures.ToDictionary(failure => failure.Line, StringComparer.Ordinal);
        _now = now;
    }

    public static PlanVerdict Of(PlanInput asset, Policy policy, IReadOnlyList<OpenPlan> open, IReadOnlyList<FixFailures> failures, DateTimeOffset now) =>
        new DecidePlans(asset, policy, open, failures, now).Decide();

    private PlanVerdict Decide()
    {
        var works = BuildWork.Of(_asset);
        var carried = Lines(_open.Where(plan => plan.State == PlanState.Approved));
        var askedFor = Lines(_open.Where(plan => plan.State == PlanState.WaitingApproval && !plan.IsPolicys));
        var wanted = new List<Wanted>();
        foreach (var work in works)
        {
            if (Want(work, carried, askedFor) is { } want)
            {
                wanted.Add(want);
            }
        }
        var made = new List<NewPlan>();
        var superseded = new List<SupersededPlan>();
        FollowPolicy(wanted, made, superseded);
        FollowPeople(works, wanted, made, superseded);
        return new PlanVerdict { Made = made, Superseded = superseded, Notes = _notes, LookAgainUtc = _lookAgain };
    }

    /// <summary>One fix that the policy wants patched now, with the rule and whether a person is asked.</summary>
    private sealed record Wanted(AssetWork Work, PolicyRule Rule, bool AsksPerson, IReadOnlyList<PlanChange> Changes);

    private Wanted? Want(AssetWork work, HashSet<string> carried, HashSet<string> askedFor)
    {
        if (carried.Contains(work.Fix.Line()))
        {
            return Note(work, Turn.Agent, null);
        }
        if (_asset.Held is { } held)
        {
            _lookAgain = _asset.IsSilent ? _now + SilentLook : _lookAgain;
            return Note(work, Turn.Person, held);
        }
        var rule = EvaluatePolicy.Of(_policy, work.Question);
        var isAskedFor = askedFor.Contains(work.Fix.Line());
        if (rule is null || rule.Then.Treatment != Treatment.Patch)
        {
            return isAskedFor
                ? Note(work, Turn.Approver, work.Blocked)
                : Note(work, Turn.Person, work.Blocked ?? Unpatched(rule));
        }
        var asksPerson = rule.Then.Approval == Approval.Person || _asset.DemandsSignatures || RestsOnAssumption(work, rule);
        if (isAskedFor && asksPerson)
        {
            return Note(work, Turn.Approver, work.Blocked);
        }
        var changes = Allowed(work, rule.Then);
        if (changes.Count == 0)
        {
            return Note(work, Turn.Person, work.Blocked ?? $"the policy's rule '{rule.Name}' does not {(work.Reboot is null ? "restart services" : "reboot")} here; ask for a plan");
        }
        if (TooOften(work) is { } often)
        {
            return Note(work, Turn.Person, often);
        }
        Note(work, asksPerson ? Turn.Approver : Turn.Agent, work.Blocked);
        return new Wanted(work, rule, asksPerson, changes);
    }

    private Wanted? Note(AssetWork work, string turn, string? blocked)
    {
        _notes.Add(new FixNote(work.Fix, turn, blocked));
        return null;
    }

    private static string Unpatched(PolicyRule? rule) => rule switch
    {
        null => "no rule of the policy patches it by itself; a person decides",
        { Then.Treatment: Treatment.Ignore } => $"the policy's rule '{rule.Name}' leaves it alone",
        _ => $"the policy's rule '{rule.Name}' leaves it to a person",
    };

    /// <summary>Design decision 4: what is only assumed starts nothing in production by itself.</summary>
    private bool RestsOnAssumption(AssetWork work, PolicyRule rule) =>
        work.Question.Environment == EvaluatePolicy.Production && EvaluatePolicy.Of(_policy, work.Certain) != rule;

    private static List<PlanChange> Allowed(AssetWork work, PolicyTreatment then)
    {
        var changes = new List<PlanChange>();
        if (work.Upgrade is { } upgrade)
        {
            changes.Add(upgrade);
        }
        if (work.Restart is { } restart && then.Restart)
        {
            changes.Add(restart);
        }
        if (work.Reboot is { } reboot && then.Reboot)
        {
            changes.Add(reboot);
        }
        return changes;
    }

    private string? TooOften(AssetWork work)
    {
        if (!_failures.TryGetValue(work.Fix.Line(), out var failed) || failed.Key != work.Fix.ToString())
        {
            return null;
        }
        if (failed.Count >= RemediationLimits.PolicyAttemptsMax)
        {
            return $"{failed.Reason}; the policy makes no further plan for this version, a person may ask for one";
        }
        if (failed.RetryUtc <= _now)
        {
            return null;
        }
        _lookAgain = _lookAgain is null || failed.RetryUtc < _lookAgain ? failed.RetryUtc : _lookAgain;
        return $"{failed.Reason}; the policy tries again at {failed.RetryUtc.UtcDateTime:yyyy-MM-dd HH:mm} UTC";
    }

    private void FollowPolicy(List<Wanted> wanted, List<NewPlan> made, List<SupersededPlan> superseded)
    {
        var waiting = _open.Where(plan => plan.State == PlanState.WaitingApproval && plan.IsPolicys).ToList();
        foreach (var group in wanted.GroupBy(want => (want.Rule.Name, want.AsksPerson)))
        {
            var plan = Make([.. group]);
            var former = plan.IsApproved ? null : waiting.FirstOrDefault(open => open.Body.Rule == group.Key.Name);
            if (former is not null)
            {
                waiting.Remove(former);
                if (former.Body.SameFacts(plan.Body))
                {
                    continue;
                }
                superseded.Add(new SupersededPlan(former, $"new facts; plan {plan.Body.Plan} takes its place"));
            }
            made.Add(plan);
        }
        superseded.AddRange(waiting.Select(open => new SupersededPlan(open, _asset.Held ?? "nothing of it is left to do under the policy in force")));
    }

    private NewPlan Make(IReadOnlyList<Wanted> group)
    {
        var rule = group[0].Rule;
        var changes = PlanOrder.Of(group.SelectMany(want => want.Changes));
        var body = new PlanBody
        {
            Plan = Guid.CreateVersion7(_now),
            Author = PolicyAuthor,
            Rule = rule.Name,
            PolicyDigest = _policy.Digest,
            Restarts = rule.Then.Restart ? "services" : "none",
            Reboots = rule.Then.Reboot ? "allowed" : "never",
            Window = rule.Then.Window,
            Changes = changes,
        };
        return new NewPlan
        {
            Body = body,
            IsApproved = !group[0].AsksPerson,
            Title = PlanWords.Title(body),
            Parts = [.. group.Select(want => PlanPart.Of(_asset.Asset, want.Work))],
        };
    }

    private void FollowPeople(IReadOnlyList<AssetWork> works, List<Wanted> wanted, List<NewPlan> made, List<SupersededPlan> superseded)
    {
        var taken = wanted.Where(want => !want.AsksPerson).Select(want => want.Work.Fix.Line()).ToHashSet(StringComparer.Ordinal);
        foreach (var plan in _open.Where(plan => plan.State == PlanState.WaitingApproval && !plan.IsPolicys))
        {
            var changes = plan.Body.Changes.Select(change => change.Asset == _asset.Asset ? Renew(change, works, taken) : change).OfType<PlanChange>().ToList();
            var body = plan.Body with { Plan = Guid.CreateVersion7(_now), Changes = PlanOrder.Of(changes) };
            if (body.SameFacts(plan.Body))
            {
                continue;
            }
            if (changes.Count == 0)
            {
                superseded.Add(new SupersededPlan(plan, _asset.Held ?? "nothing of it is left to do"));
                continue;
            }
            superseded.Add(new SupersededPlan(plan, $"new facts; plan {body.Plan} takes its place"));
            var own = works.Where(work => changes.Exists(change => change.Asset == _asset.Asset && FixLine.Of(change.Fix) == work.Fix.Line()));
            made.Add(new NewPlan
            {
                Body = body,
                IsApproved = false,
                Title = PlanWords.Title(body),
                Replaces = plan.Id,
                Parts = [.. plan.Parts.Where(part => part.Asset != _asset.Asset), .. own.Select(work => PlanPart.Of(_asset.Asset, work))],
            });
        }
    }

    /// <summary>The change as today's facts give it; null when it is not needed, not possible, or done by the policy without asking.</summary>
    private PlanChange? Renew(PlanChange change, IReadOnlyList<AssetWork> works, HashSet<string> taken)
    {
        var line = FixLine.Of(change.Fix);
        var work = works.FirstOrDefault(work => work.Fix.Line() == line);
        if (work is null || _asset.Held is not null || taken.Contains(line))
        {
            return null;
        }
        return work.Upgrade ?? work.Restart ?? work.Reboot;
    }

    private HashSet<string> Lines(IEnumerable<OpenPlan> plans) =>
        plans.SelectMany(plan => plan.Body.Changes).Where(change => change.Asset == _asset.Asset).Select(change => FixLine.Of(change.Fix)).ToHashSet(StringComparer.Ordinal);
}

/// <summary>Order of a plan's changes. Pure.</summary>
internal static class PlanOrder
{
    /// <summary>Upgrades first in the order given (risk), then restarts, then the reboot; where a machine reboots anyway, its restarts become part of that.</summary>
    public static IReadOnlyList<PlanChange> Of(IEnumerable<PlanChange> changes)
    {
        var all = changes.ToList();
        var reboots = all.Where(change => change.Verb == JobVerb.Reboot).Select(change => change.Asset).ToHashSet();
        return
        [
            .. all.Select(change => change.Verb == JobVerb.RestartService && reboots.Contains(change.Asset) ? change with { Verb = JobVerb.Reboot, Units = [] } : change)
                .OrderBy(change => change.Wave)
                .ThenBy(change => change.Verb switch { JobVerb.EnsurePackage => 1, JobVerb.RestartService => 2, _ => 3 }),
        ];
    }
}

/// <summary>Plans and changes in words. Pure.</summary>
internal static class PlanWords
{
    private const int NamedMax = 5;

    /// <summary><c>upgrade openssl, curl and 3 more on web-1; restart what still runs old code</c>.</summary>
    public static string Title(PlanBody body)
    {
        var parts = new List<string>();
        foreach (var group in body.Changes.GroupBy(change => change.Verb))
        {
            parts.Add(group.Key switch
            {
                JobVerb.EnsurePackage => $"upgrade {Some(group.Select(change => FixLine.Key(change.Fix).Source))}",
                JobVerb.RestartService => $"restart {Some(group.SelectMany(change => change.Units))}",
                _ => $"reboot so that {Some(group.Select(change => FixLine.Key(change.Fix).Source))} is in effect",
            });
        }
        return $"{string.Join("; ", parts)} on {Some(body.Changes.Select(change => change.AssetName))}";
    }

    /// <summary>What one change does, <c>upgrade libssl3 3.0.16-1 to 3.0.17-1</c>.</summary>
    public static string Action(PlanChange change) => change.Verb switch
    {
        JobVerb.EnsurePackage => $"upgrade {Few(change.Packages, package => $"{package.Name} {change.From.GetValueOrDefault(package.Name, "?")} to {package.Version}")}",
        JobVerb.RestartService => Restart(change.Units),
        _ => "reboot",
    };

    /// <summary><c>restart nginx.service, php.service</c>.</summary>
    public static string Restart(IReadOnlyList<string> units) => $"restart {Few(units, unit => unit)}";

    private static string Few<T>(IReadOnlyList<T> items, Func<T, string> say) =>
        string.Join(", ", items.Take(NamedMax).Select(say)) + (items.Count > NamedMax ? $" and {items.Count - NamedMax} more" : "");

    private static string Some(IEnumerable<string> names)
    {
        var all = names.Distinct().ToList();
        return all.Count <= 3 ? string.Join(", ", all) : $"{string.Join(", ", all.Take(2))} and {all.Count - 2} more";
    }
}
