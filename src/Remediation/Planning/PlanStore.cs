using System.Text.Json;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Remediation.Planning;

/// <summary>Plans as rows. Every change of state is compare-and-set on (state, version), in the transaction of its ledger row.</summary>
internal static class PlanStore
{
    public const string Columns = "id, hash, state, version, author, rule, title, body, findings, risk_per_day, created_us, decided_us, decided_by, reason, ended_us";

    /// <summary>States of a plan that is not at its end.</summary>
    public static readonly PlanState[] OpenStates = [PlanState.WaitingApproval, PlanState.Approved];

    internal sealed record Row
    {
        public Guid Id { get; init; }
        public string Hash { get; init; } = "";
        public PlanState State { get; init; }
        public long Version { get; init; }
        public string Author { get; init; } = "";
        public string Rule { get; init; } = "";
        public string Title { get; init; } = "";
        public string Body { get; init; } = "";
        public int Findings { get; init; }
        public double RiskPerDay { get; init; }
        public DateTimeOffset CreatedUs { get; init; }
        public DateTimeOffset? DecidedUs { get; init; }
        public string? DecidedBy { get; init; }
        public string? Reason { get; init; }
        public DateTimeOffset? EndedUs { get; init; }

        /// <summary>The plan as its hash stands for it; null when the stored body is not what was hashed. Nothing is done with it then.</summary>
        public FrozenPlan? Freeze()
        {
            try
            {
                var body = Read();
                return PlanCanon.Hash(body) == Hash ? new FrozenPlan(Hash, body) : null;
            }
            catch (JsonException)
            {
                return null;
            }
        }

        public PlanBody Read() => PlanCanon.Read<PlanBody>(Body);

        public OpenPlan ToOpen(IReadOnlyList<PlanPart> parts) => new() { Id = Id, State = State, Version = Version, Body = Read(), Parts = parts };
    }

    public static Task<Row?> FindAsync(StoreSession session, Guid plan) =>
        session.SingleOrDefaultAsync<Row>($"select {Columns} from remediation_plan where id = @plan", new { plan });

    /// <summary>Waits until no other transaction looks whether the plan goes on or ends, and lets none do so until this one is committed.</summary>
    public static Task LockAsync(StoreSession session, Guid plan) => session.LockAsync($"remediation.plan:{plan:N}");

    /// <summary>Plans of an asset that are not at their end, oldest first.</summary>
    public static Task<IReadOnlyList<Row>> OpenOfAsync(StoreSession session, Guid asset) =>
        session.QueryAsync<Row>(
            $"""
            select {Columns} from remediation_plan
            where {session.Dialect.In("state", "states")} and id in (select plan_id from remediation_plan_asset where asset_id = @asset)
            order by created_us, id
            """,
            new { asset, states = OpenStates });

    /// <summary>What plans close, by plan.</summary>
    public static async Task<ILookup<Guid, PlanPart>> PartsAsync(StoreSession session, IReadOnlyList<Row> plans)
    {
        var rows = await session.QueryAsync<PartRow>(
            $"select plan_id, asset_id, fix_key, findings, risk_per_day from remediation_plan_asset where {session.Dialect.In("plan_id", "ids")}",
            new { ids = plans.Select(plan => plan.Id).ToArray() });
        return rows.ToLookup(row => row.PlanId, row => new PlanPart(row.AssetId, row.FixKey, row.Findings, row.RiskPerDay));
    }

    /// <summary>Writes a new plan with all that goes with it: its claim on the work, clocks, ledger, and the next stage when nobody is asked.</summary>
    /// <returns>False when another open plan carries one of its fixes already; then nothing may be committed.</returns>
    public static async Task<bool> InsertAsync(StoreSession session, WorkQueue queue, NewPlan plan, DateTimeOffset now)
    {
        var body = plan.Body;
        var (text, hash) = (PlanCanon.Text(body), PlanCanon.Hash(body));
        var state = plan.IsApproved ? PlanState.Approved : PlanState.WaitingApproval;
        await session.ExecuteAsync(
            """
            insert into remediation_plan
              (id, hash, state, version, author, rule, policy_digest, title, body, findings, risk_per_day, created_us, decided_us, decided_by)
            values (@Plan, @hash, @state, 1, @Author, @Rule, @PolicyDigest, @Title, @text, @Findings, @RiskPerDay, @now, @decided, @decidedBy)
            """,
            new
            {
                body.Plan, hash, state = (int)state, body.Author, body.Rule, body.PolicyDigest, plan.Title, text, now,
                Findings = plan.Parts.Sum(part => part.Findings), RiskPerDay = plan.Parts.Sum(part => part.RiskPerDay),
                decided = plan.IsApproved ? now : (DateTimeOffset?)null,
                decidedBy = plan.IsApproved ? DecidePlans.PolicyAuthor : null,
            });
        var parts = plan.Parts.ToDictionary(part => (part.Asset, part.Fix));
        foreach (var change in body.Changes.DistinctBy(change => (change.Asset, change.Fix)))
        {
            var part = parts[(change.Asset, change.Fix)];
            await session.ExecuteAsync(
                "insert into remediation_plan_asset (plan_id, asset_id, fix_key, findings, risk_per_day) values (@Plan, @Asset, @Fix, @Findings, @RiskPerDay)",
                new { body.Plan, change.Asset, change.Fix, part.Findings, part.RiskPerDay });
            if (!await FixWork.ClaimAsync(session, change.Asset, change.Fix, body.Plan, plan.IsApproved ? Turn.Agent : Turn.Approver, now))
            {
                return false;
            }
        }
        await PlanClocks.StampAsync(session, body, EpisodeClock.Planned, now);
        var actor = plan.Replaces is not null ? "server" : body.Author == DecidePlans.PolicyAuthor ? body.Author : $"user:{body.Author}";
        await session.AppendPlanAsync(
            now, actor, "plan.made", body, part => new { Hash = hash, body.Rule, body.PolicyDigest, Title = PlanWords.Title(part), plan.Replaces });
        if (plan.IsApproved)
        {
            await PlanClocks.StampAsync(session, body, EpisodeClock.Approved, now);
            await session.AppendPlanAsync(now, actor, "plan.approved", body, _ => new { Hash = hash, body.Rule });
            await queue.EnqueueAsync(session, now, RemediationWork.PlanApproved, body.Plan.ToString("N"));
        }
        return true;
    }

    /// <summary>Moves a plan to another state when it still is as it was seen.</summary>
    /// <returns>False when it is not.</returns>
    public static async Task<bool> MoveAsync(StoreSession session, Guid plan, PlanState from, long version, PlanState to, string? reason, DateTimeOffset now)
    {
        var ended = to is PlanState.WaitingApproval or PlanState.Approved ? (DateTimeOffset?)null : now;
        var rows = await session.ExecuteAsync(
            """
            update remediation_plan set state = @to, version = version + 1, reason = coalesce(@reason, reason), ended_us = @ended
            where id = @plan and state = @from and version = @version
            """,
            new { plan, from = (int)from, version, to = (int)to, reason, ended });
        return rows == 1;
    }

    /// <summary>Ends a waiting plan because the facts went on.</summary>
    /// <returns>False when somebody decided on it meanwhile.</returns>
    public static async Task<bool> SupersedeAsync(StoreSession session, SupersededPlan superseded, DateTimeOffset now)
    {
        var plan = superseded.Plan;
        if (!await MoveAsync(session, plan.Id, plan.State, plan.Version, PlanState.Superseded, superseded.Reason, now))
        {
            return false;
        }
        await FixWork.ReleaseAsync(session, plan.Id, null, now);
        await session.AppendPlanAsync(now, "server", "plan.superseded", plan.Body, _ => new { superseded.Reason });
        return true;
    }

    private sealed record PartRow
    {
        public Guid PlanId { get; init; }
        public Guid AssetId { get; init; }
        public string FixKey { get; init; } = "";
        public int Findings { get; init; }
        public double RiskPerDay { get; init; }
    }
}
