namespace Suture.Remediation;

/// <summary>What happened here that others, or later stages of this module, take up.</summary>
public static class RemediationWork
{
    /// <summary>An asset may need plans: its findings were proved or disproved, or the policy changed. Subject: asset id, format N.
    /// Handled by <c>PlanAsset</c>.</summary>
    public const string PlanAsset = "remediation.plan-asset";

    /// <summary>An agent told how a job ended. Subject: asset id, format N. Handled by <c>VerifyResult</c>.</summary>
    public const string ResultTaken = "remediation.result-taken";

    /// <summary>A plan was approved. Subject: plan id, format N. Handled by <c>SignJobs</c>.</summary>
    public const string PlanApproved = "remediation.plan-approved";

    /// <summary>The policy in force changed. Subject: <see cref="All"/>. Handled by <c>ReplanFleet</c>.</summary>
    public const string PolicyApplied = "remediation.policy-applied";

    /// <summary>The time of some job of an asset runs out. Subject: asset id, format N; due at that instant. Handled by <c>ExpireJobs</c>.</summary>
    public const string JobsDue = "remediation.jobs-due";

    /// <summary>Subject of work on the whole fleet.</summary>
    public const string All = "all";
}
