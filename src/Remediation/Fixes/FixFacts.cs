using Suture.Contracts.Api;
using Suture.Exposure.Fixes;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
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

/// <summary>All that the store knows of the work in a scope, read at once: the queue is shown from memory, not row by row.</summary>
internal sealed class FixFacts
{
    private readonly Dictionary<(Guid Asset, string Line), FixWork.Row> _work;
    private readonly Dictionary<Guid, PlanState> _plans;
    private readonly ILookup<(Guid Plan, Guid Asset), JobState> _jobs;
    private readonly ILookup<string, FixPeople> _people;

    private FixFacts(IEnumerable<FixWork.Row> work, IEnumerable<Plan> plans, IEnumerable<Job> jobs, IEnumerable<FixPeople> people)
    {
        _work = work.ToDictionary(row => (row.AssetId, row.Line));
        _plans = plans.ToDictionary(plan => plan.Id, plan => plan.State);
        _jobs = jobs.ToLookup(job => (job.PlanId, job.AssetId), job => job.State);
        _people = people.ToLookup(row => row.Line, StringComparer.Ordinal);
    }

    public static async Task<FixFacts> ReadAsync(StoreSession session, Scope scope)
    {
        var groups = scope.Groups.ToArray();
        var where = scope.IsAll ? "1 = 1" : $"asset_id in (select id from inventory_asset_v where {session.Dialect.In("group_id", "groups")})";
        return new FixFacts(
            await session.QueryAsync<FixWork.Row>($"select {FixWork.Columns} from remediation_work where {where}", new { groups }),
            await session.QueryAsync<Plan>("select id, state from remediation_plan where state in (1, 2)"),
            await session.QueryAsync<Job>($"select asset_id, plan_id, state from remediation_job where plan_id is not null and state in (1, 2, 3, 4, 6) and {where}", new { groups }),
            await session.QueryAsync<FixPeople>(
                $"select line, group_id, team, person, assigned_us from remediation_fix where {(scope.IsAll ? "1 = 1" : session.Dialect.In("group_id", "groups"))}", new { groups }));
    }

    public FixWork.Row? WorkOf(Guid asset, FixKey fix) => _work.GetValueOrDefault((asset, fix.Line()));

    /// <summary>State of an open plan; null when it is at its end.</summary>
    public PlanState? StateOf(Guid plan) => _plans.TryGetValue(plan, out var state) ? state : null;

    /// <summary>States of the jobs of a plan on an asset that are not at their end.</summary>
    public IEnumerable<JobState> JobsOf(Guid plan, Guid asset) => _jobs[(plan, asset)];

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

    private sealed record Job
    {
        public Guid AssetId { get; init; }
        public Guid PlanId { get; init; }
        public JobState State { get; init; }
    }
}
