using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Remediation.Policies;

namespace Suture.Remediation.Planning;

/// <summary>Whether an approval that the policy gave, asking nobody, still holds. Pure; fails closed.</summary>
/// <remarks>The policy approved for an environment and a group, which the frozen changes name. An asset that was moved since is not what it said yes to: its jobs are
/// held, and the policy is asked anew, which in production asks a person. Risk that moves voids nothing (design decision 11), nor does anything void a person's
/// approval.</remarks>
internal static class PolicyApproval
{
    /// <summary>Why the policy's approval does not hold any more; null when it does, or when a person decided.</summary>
    /// <param name="decidedBy">Who approved the plan.</param>
    /// <param name="changes">Its changes on the asset.</param>
    /// <param name="asset">The asset as it is now.</param>
    public static string? WhyNotAnyMore(string? decidedBy, IReadOnlyList<PlanChange> changes, AssetRecord asset)
    {
        if (decidedBy != DecidePlans.PolicyAuthor)
        {
            return null;
        }
        if (asset.Approvers is not null)
        {
            return $"the agent of {asset.Name} demands signatures of approvers, and the policy approved this without any";
        }
        var environment = EvaluatePolicy.Environment(asset.Environment);
        foreach (var change in changes)
        {
            if (change.Environment != environment)
            {
                return $"{asset.Name} is in {environment} now, and the policy approved this for {change.Environment ?? "an environment that the plan does not name"}";
            }
            if (change.Group != asset.Group)
            {
                return $"{asset.Name} is in the group {asset.Group} now, and the policy approved this for {change.Group ?? "a group that the plan does not name"}";
            }
        }
        return null;
    }
}
