using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Remediation.Planning;

/// <summary>Plans as rows. Every change of state is compare-and-set on (state, version), in the transaction of its ledger row.</summary>
internal static class PlanStore
{
    private const string Columns = "id, hash, state, version, author, rule, title, body, findings, risk_per_day, created_us, decided_us, decided_by, reason";

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

        public PlanBody Read() => PlanCanon.Read<PlanBody>(Body);

        public OpenPlan ToOpen() => new() { Id = Id, State = State, Version = Version, Body = Read() };
    }

    public static Task<Row?> FindAsync(StoreSession session, Guid plan) =>
        session.SingleOrDefaultAsync<Row>($"select {Columns} from remediation_plan where id = @plan", new { plan });

    /// <summary>Plans of an asset that are not at their end, oldest first.</summary>
    public static Task<IReadOnlyList<Row>> OpenOfAsync(StoreSession session, Guid asset) =>
        session.QueryAsync<Row>(
            $"""
            select {Columns} from remediation_plan
            where state in (1, 2) and id in (select plan_id from remediation_plan_asset where asset_id = @asset)
            order by created_us, id
            """,
            new { asset });

    /// <summary>Writes a new plan with all that goes with it: its claim on the work, clocks, ledger, and the next stage when nobody is asked.</summary>
    /// <returns>False when another open plan carries one of its fixes already; then nothing may be committed.</returns>
    public static async Task<bool> InsertAsync(StoreSession session, WorkQueue queue, NewPlan plan, DateTimeOffset now)
    {
        var body = plan.Body;
        var text = PlanCanon.Text(body);
        var state = plan.IsApproved ? PlanState.Approved : PlanState.WaitingApproval;
        await session.ExecuteAsync(
            """
            insert into remediation_plan
              (id, hash, state, version, author, rule, policy_digest, title, body, findings, risk_per_day, created_us, decided_us, decided_by)
            values (@Plan, @hash, @state, 1, @Author, @Rule, @PolicyDigest, @Title, @text, @Findings, @RiskPerDay, @now, @decided, @decidedBy)
            """,
            new
            {
                body.Plan, hash = PlanCanon.Hash(text), state = (int)state, body.Author, body.Rule, body.PolicyDigest, plan.Title, text, plan.Findings, plan.RiskPerDay, now,
                decided = plan.IsApproved ? now : (DateTimeOffset?)null,
                decidedBy = plan.IsApproved ? DecidePlans.PolicyAuthor : null,
            });
        foreach (var change in body.Changes.DistinctBy(change => (change.Asset, change.Fix)))
        {
            await session.ExecuteAsync(
                "insert into remediation_plan_asset (plan_id, asset_id, fix_key) values (@Plan, @Asset, @Fix)", new { body.Plan, change.Asset, change.Fix });
            if (!await FixWork.ClaimAsync(session, change.Asset, change.Fix, body.Plan, plan.IsApproved ? Turn.Agent : Turn.Approver, now))
            {
                return false;
            }
        }
        await StampAsync(session, body, EpisodeClock.Planned, now);
        var actor = body.Author == DecidePlans.PolicyAuthor ? body.Author : $"user:{body.Author}";
        await session.AppendPlanAsync(
            now, actor, "plan.made", body, part => new { Hash = PlanCanon.Hash(text), body.Rule, body.PolicyDigest, Title = PlanWords.Title(part) });
        if (plan.IsApproved)
        {
            await StampAsync(session, body, EpisodeClock.Approved, now);
            await session.AppendPlanAsync(now, actor, "plan.approved", body, _ => new { Hash = PlanCanon.Hash(text), body.Rule });
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

    public static async Task StampAsync(StoreSession session, PlanBody body, EpisodeClock clock, DateTimeOffset now)
    {
        foreach (var asset in body.Changes.GroupBy(change => change.Asset))
        {
            await EpisodeClocks.StampAsync(session, asset.Key, asset.SelectMany(change => change.Vulnerabilities), clock, now);
        }
    }
}
