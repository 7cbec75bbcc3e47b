using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Exposure.Fixes;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Policies;

namespace Suture.Remediation.Planning;

internal enum RequestOutcome
{
    Made = 1,
    /// <summary>No such fix, or none of the assets in scope needs it.</summary>
    NotFound = 2,
    /// <summary>An asset that was named cannot have it, or none can; the detail says why of each.</summary>
    Impossible = 3,
}

/// <summary>What became of a request for a plan.</summary>
/// <param name="Outcome">Outcome.</param>
/// <param name="Plan">The plan when one was made.</param>
/// <param name="Detail">Why there is none; empty when one was made.</param>
/// <param name="LeftOut">Assets that the plan leaves out, each with the reason.</param>
internal sealed record PlanAnswer(RequestOutcome Outcome, Guid Plan, string Detail, IReadOnlyList<string> LeftOut)
{
    public static PlanAnswer No(RequestOutcome outcome, string detail) => new(outcome, Guid.Empty, detail, []);
}

/// <summary>A plan that a person asks for. It always waits for an approval.</summary>
internal sealed partial class RequestPlan(
    Store store, WorkQueue queue, ExposureIndex exposures, AssetDirectory assets, PolicyStore policies, TimeProvider time, ILogger<RequestPlan> logger)
{
    public const string Rule = "asked for";
    private const int ReasonsMax = 5;

    public async Task<PlanAnswer> HandleAsync(Principal principal, FixKey fix, IReadOnlyList<Guid>? wanted, CancellationToken cancellation)
    {
        await exposures.WhenReadyAsync(cancellation);
        var named = wanted ?? [.. exposures.All(principal.Scope).Where(exposure => Needs(exposure, fix)).Select(exposure => exposure.Asset.Id).Take(RemediationLimits.PlanAssetsMax + 1)];
        var answer = named.Count > RemediationLimits.PlanAssetsMax
            ? PlanAnswer.No(RequestOutcome.Impossible, $"More than {RemediationLimits.PlanAssetsMax} assets need it, the most of one plan; name some of them.")
            : await Races.WriteAsync(store, session => WriteAsync(session, principal, fix, named, wanted is not null), cancellation);
        LogAsked(fix.ToString(), named.Count, answer.Outcome);
        return answer;
    }

    private static bool Needs(AssetExposure exposure, FixKey fix) => exposure.Release == fix.Release
        && exposure.Findings.Any(finding => finding.Source == fix.Source && finding.Status is FindingStatus.Affected or FindingStatus.PendingEffect);

    private async Task<PlanAnswer> WriteAsync(StoreSession session, Principal principal, FixKey fix, IReadOnlyCollection<Guid> wanted, bool isNamed)
    {
        var candidates = await assets.ListAsync(session, principal.Scope, wanted);
        if (isNamed && candidates.Count < wanted.Distinct().Count())
        {
            return PlanAnswer.No(RequestOutcome.NotFound, $"Of {wanted.Distinct().Count()} assets named, {candidates.Count} are known in your scope.");
        }
        if (candidates.Count == 0)
        {
            return PlanAnswer.No(RequestOutcome.NotFound, $"No asset in your scope needs the fix {fix}. List what is open with GET /api/v1/fixes.");
        }
        return await WriteAsync(session, principal, fix, isNamed, candidates);
    }

    private async Task<PlanAnswer> WriteAsync(StoreSession session, Principal principal, FixKey fix, bool isNamed, IReadOnlyList<AssetRecord> candidates)
    {
        var now = time.GetUtcNow();
        var policy = (await policies.InForceAsync(session)).Policy;
        var changes = new List<PlanChange>();
        var works = new List<(Guid Asset, AssetWork Work)>();
        var refused = new List<string>();
        foreach (var asset in candidates)
        {
            var rows = await FixWork.OfAssetAsync(session, asset.Id);
            var work = BuildWork.Of(PlanInputs.Of(asset, exposures.Of(asset.Id), rows)).FirstOrDefault(work => work.Fix.Line() == fix.Line());
            var carried = rows.FirstOrDefault(row => row.Line == fix.Line())?.PlanId;
            var change = work?.Upgrade ?? work?.Restart ?? work?.Reboot;
            var reason = PlanInputs.Held(asset)
                ?? (carried is not null ? $"plan {carried} carries it already" : work is null ? "it does not need this fix" : change is null ? work.Blocked : null);
            if (reason is not null || change is null || work is null)
            {
                refused.Add($"{asset.Name}: {reason ?? "nothing can be done"}");
                continue;
            }
            changes.Add(change);
            works.Add((asset.Id, work));
        }
        if (changes.Count == 0 || (isNamed && refused.Count > 0))
        {
            return PlanAnswer.No(RequestOutcome.Impossible, string.Join("; ", Some(refused)));
        }
        var rules = works.Select(pair => EvaluatePolicy.Of(policy, pair.Work.Question)).ToList();
        if (rules.Select(rule => rule?.Then.Window is { } window ? PlanCanon.Text(window) : "").Distinct().Count() > 1)
        {
            return PlanAnswer.No(RequestOutcome.Impossible, "the policy gives these assets different windows; ask for one plan for each, naming its assets");
        }
        var body = Body(principal.Name, policy, rules, changes, now);
        var plan = new NewPlan
        {
            Body = body,
            IsApproved = false,
            Title = PlanWords.Title(body),
            Parts = [.. works.Select(pair => PlanPart.Of(pair.Asset, pair.Work))],
        };
        return await PlanStore.InsertAsync(session, queue, plan, now)
            ? new PlanAnswer(RequestOutcome.Made, body.Plan, "", Some(refused))
            : throw new PlanRaceException($"Another plan for {fix} was made at the same moment. List the plans, then ask again.");
    }

    private static IReadOnlyList<string> Some(List<string> reasons) =>
        reasons.Count <= ReasonsMax ? reasons : [.. reasons.Take(ReasonsMax), $"and {reasons.Count - ReasonsMax} more assets"];

    /// <summary>Services may be restarted, since the person asks for the fix to take effect; a machine may be rebooted only where the policy allows it on all assets,
    /// or where the reboot itself is the change asked for. The policy's window holds; it is the same for all assets of a plan.</summary>
    private static PlanBody Body(string author, Policy policy, IReadOnlyList<PolicyRule?> rules, IReadOnlyList<PlanChange> changes, DateTimeOffset now) => new()
    {
        Plan = Guid.CreateVersion7(now),
        Author = author,
        Rule = Rule,
        PolicyDigest = policy.Digest,
        Restarts = "services",
        Reboots = rules.All(rule => rule is { Then.Reboot: true }) ? "allowed" : "never",
        Window = rules[0]?.Then.Window,
        Changes = PlanOrder.Of(changes),
    };

    [LoggerMessage(4102, LogLevel.Information, "Plan for fix {Fix} asked for on {Assets} assets: {Outcome}")]
    private partial void LogAsked(string fix, int assets, RequestOutcome outcome);
}
