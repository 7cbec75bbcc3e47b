using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Dispatch;

/// <summary>A job to make.</summary>
internal sealed record NewJob(FrozenPlan Plan, Guid Asset, JobVerb Verb, int Place, IReadOnlyList<PlanChange> Changes, bool IsFollowUp)
{
    public string Title => Verb switch
    {
        JobVerb.EnsurePackage => PlanWords.Action(Changes[0]),
        JobVerb.RestartService => PlanWords.Restart([.. Changes.SelectMany(change => change.Units).Distinct().Order(StringComparer.Ordinal)]),
        _ => "reboot",
    };

    /// <summary>The jobs of a plan on one asset, in order: one an upgrade, one for all restarts, one for the reboot.</summary>
    public static IReadOnlyList<NewJob> Of(FrozenPlan plan, Guid asset)
    {
        var changes = plan.Body.Changes.Where(change => change.Asset == asset).ToList();
        var jobs = new List<NewJob>();
        foreach (var upgrade in changes.Where(change => change.Verb == JobVerb.EnsurePackage))
        {
            jobs.Add(new NewJob(plan, asset, JobVerb.EnsurePackage, jobs.Count + 1, [upgrade], false));
        }
        foreach (var verb in new[] { JobVerb.RestartService, JobVerb.Reboot })
        {
            var same = changes.Where(change => change.Verb == verb).ToList();
            if (same.Count > 0)
            {
                jobs.Add(new NewJob(plan, asset, verb, jobs.Count + 1, same, false));
            }
        }
        return jobs;
    }
}

/// <summary>A job with the bytes that were signed.</summary>
/// <param name="Content">What the bytes say.</param>
/// <param name="What">The part of a plan that it does; null for a report that a person asked for.</param>
/// <param name="Payload">The bytes.</param>
/// <param name="Signature">Over them.</param>
/// <param name="KeyId">Of the key.</param>
internal sealed record SignedJob(JobPayload Content, NewJob? What, byte[] Payload, byte[] Signature, string KeyId);
