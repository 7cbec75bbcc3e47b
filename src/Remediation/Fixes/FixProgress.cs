using System.Globalization;
using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Fixes;

/// <summary>A job that is not at its end, as the queue looks at it.</summary>
internal sealed record OpenJob
{
    public Guid AssetId { get; init; }
    public Guid PlanId { get; init; }
    public JobState State { get; init; }
    public DateTimeOffset NotBeforeUs { get; init; }
    public DateTimeOffset ExpiresUs { get; init; }
    public DateTimeOffset? LeasedUntilUs { get; init; }
}

/// <summary>How far the work on one fix of one asset is, and what it waits for. Pure.</summary>
internal sealed record FixProgress
{
    /// <summary>States of a fix's work. Where assets differ, the first that any of them has.</summary>
    public static IReadOnlyList<string> States { get; } = ["waiting_approval", "running", "waiting_agent", "waiting_window", "verifying", "planned", "blocked", "open"];

    /// <summary>One of <see cref="States"/>.</summary>
    public required string State { get; init; }

    public required string Turn { get; init; }

    public required DateTimeOffset TurnSinceUtc { get; init; }

    /// <summary>Open plan that carries it; null when none does.</summary>
    public Guid? Plan { get; init; }

    /// <summary>Why nothing happens now; null when nothing blocks it.</summary>
    public string? Blocked { get; init; }

    /// <summary>Since when a job waits for its agent; null when none does.</summary>
    public DateTimeOffset? AgentAwaitedSinceUtc { get; init; }

    /// <summary>When the window opens that a job waits for; null when none does.</summary>
    public DateTimeOffset? WindowOpensUtc { get; init; }

    /// <summary>When the time of the job that waits runs out; null when none waits.</summary>
    public DateTimeOffset? ExpiresUtc { get; init; }

    /// <param name="asset">The asset as it is now.</param>
    /// <param name="fix">When the fix was detected, and its key.</param>
    /// <param name="facts">What the store knows.</param>
    /// <param name="now">When.</param>
    public static FixProgress Of(AssetRecord asset, Exposure.Fixes.FixGroup fix, FixFacts facts, DateTimeOffset now)
    {
        var held = PlanInputs.Held(asset);
        if (facts.WorkOf(asset.Id, fix.Key) is not { } work)
        {
            // Detected, and the policy has not looked at it yet.
            return new FixProgress { State = "open", Turn = Planning.Turn.Policy, TurnSinceUtc = fix.DetectedUtc, Blocked = held };
        }
        var blocked = work.Blocked ?? held;
        if (work.PlanId is not { } plan || facts.StateOf(plan) is not { } state)
        {
            return new FixProgress { State = work.Blocked is null ? "open" : "blocked", Turn = work.Turn, TurnSinceUtc = work.TurnSinceUs, Blocked = blocked };
        }
        var jobs = facts.JobsOf(plan, asset.Id).ToList();
        var progress = new FixProgress { State = "verifying", Turn = work.Turn, TurnSinceUtc = work.TurnSinceUs, Plan = plan, Blocked = blocked };
        return state == PlanState.WaitingApproval ? progress with { State = "waiting_approval" }
            : jobs.Count == 0 ? progress with { State = "planned" }
            : jobs.Exists(job => IsAtWork(job, now)) ? progress with { State = "running" }
            : jobs.Where(job => job.State is JobState.Ready or JobState.Leased).MinBy(job => job.NotBeforeUs) is { } next ? Waiting(progress, next, now)
            : progress;
    }

    // A lease that ran out says that nothing is heard of the agent.
    private static bool IsAtWork(OpenJob job, DateTimeOffset now) => job.State == JobState.Leased && job.LeasedUntilUs > now;

    private static FixProgress Waiting(FixProgress progress, OpenJob job, DateTimeOffset now)
    {
        if (job.NotBeforeUs > now)
        {
            return progress with
            {
                State = "waiting_window", WindowOpensUtc = job.NotBeforeUs, ExpiresUtc = job.ExpiresUs, Blocked = progress.Blocked ?? $"waits for its window at {Text(job.NotBeforeUs)}",
            };
        }
        var since = job.LeasedUntilUs ?? job.NotBeforeUs;
        return progress with
        {
            State = "waiting_agent", AgentAwaitedSinceUtc = since, ExpiresUtc = job.ExpiresUs,
            Blocked = progress.Blocked ?? $"waits for the agent since {Text(since)}; its time runs out {Text(job.ExpiresUs)}",
        };
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";
}
