using Suture.Contracts.Api;
using Suture.Exposure.Fixes;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Fixes;

/// <summary>Who shall see to a fix in one group.</summary>
internal sealed record FixPeople
{
    public string Line { get; init; } = "";
    public Guid GroupId { get; init; }
    public string? Team { get; init; }
    public string? Person { get; init; }
    public DateTimeOffset AssignedUs { get; init; }
}

/// <summary>What the store knows of the work on some fixes in a scope, read at once: the queue is shown from memory, not row by row.</summary>
internal sealed class FixFacts
{
    // A job that waits for its restart is not at its end either: its plan may still make one.
    private static readonly JobState[] OpenJobStates = [.. JobStore.Active, JobState.PendingEffect];

    private readonly Dictionary<(Guid Asset, string Line), FixWork.Row> _work;
    private readonly Dictionary<Guid, PlanState> _plans;
    private readonly ILookup<(Guid Plan, Guid Asset), OpenJob> _jobs;
    private readonly ILookup<string, FixPeople> _people;

    private FixFacts(IEnumerable<FixWork.Row> work, IEnumerable<Plan> plans, IEnumerable<OpenJob> jobs, IEnumerable<FixPeople> people)
    {
        _work = work.ToDictionary(row => (row.AssetId, row.Line));
        _plans = plans.ToDictionary(plan => plan.Id, plan => plan.State);
        _jobs = jobs.ToLookup(job => (job.PlanId, job.AssetId));
        _people = people.ToLookup(row => row.Line, StringComparer.Ordinal);
    }

    /// <param name="session">A session.</param>
    /// <param name="scope">The caller's scope.</param>
    /// <param name="fixes">The fixes; null for all.</param>
    public static async Task<FixFacts> ReadAsync(StoreSession session, Scope scope, IEnumerable<FixGroup>? fixes)
    {
        var (groups, lines) = (scope.Groups.ToArray(), fixes?.Select(fix => fix.Key.Line()).Distinct().ToArray() ?? []);
        var inScope = scope.IsAll ? "1 = 1" : $"asset_id in (select id from inventory_asset_v where {session.Dialect.In("group_id", "groups")})";
        var inLines = fixes is null ? "1 = 1" : session.Dialect.In("line", "lines");
        var work = await session.QueryAsync<FixWork.Row>($"select {FixWork.Columns} from remediation_work where {inLines} and {inScope}", new { groups, lines });
        var plans = work.Select(row => row.PlanId).OfType<Guid>().Distinct().ToArray();
        return new FixFacts(
            work,
            await session.QueryAsync<Plan>(
                $"select id, state from remediation_plan where {session.Dialect.In("id", "plans")} and {session.Dialect.In("state", "states")}", new { plans, states = PlanStore.OpenStates }),
            await session.QueryAsync<OpenJob>(
                $"""
                select asset_id, plan_id, state, not_before_us, expires_us, leased_until_us from remediation_job
                where {session.Dialect.In("plan_id", "plans")} and {session.Dialect.In("state", "states")} and {inScope}
                """,
                new { plans, states = OpenJobStates, groups }),
            await session.QueryAsync<FixPeople>(
                $"select line, group_id, team, person, assigned_us from remediation_fix where {inLines} and {(scope.IsAll ? "1 = 1" : session.Dialect.In("group_id", "groups"))}",
                new { lines, groups }));
    }

    public FixWork.Row? WorkOf(Guid asset, FixKey fix) => _work.GetValueOrDefault((asset, fix.Line()));

    /// <summary>State of an open plan; null when it is at its end.</summary>
    public PlanState? StateOf(Guid plan) => _plans.TryGetValue(plan, out var state) ? state : null;

    /// <summary>The jobs of a plan on an asset that are not at their end.</summary>
    public IEnumerable<OpenJob> JobsOf(Guid plan, Guid asset) => _jobs[(plan, asset)];

    /// <summary>The newest assignment among the groups in scope that need the fix; null when there is none.</summary>
    public FixPeople? PeopleOf(FixGroup fix)
    {
        var groups = fix.Assets.Select(asset => asset.Exposure.Asset.GroupId).ToHashSet();
        return _people[fix.Key.Line()].Where(row => groups.Contains(row.GroupId)).MaxBy(row => (row.AssignedUs, row.GroupId));
    }

    private sealed record Plan
    {
        public Guid Id { get; init; }
        public PlanState State { get; init; }
    }
}
