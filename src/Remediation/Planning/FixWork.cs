using Suture.Platform.Storage;

namespace Suture.Remediation.Planning;

/// <summary>Rows of the work on one fix of one asset: whose turn it is, what blocks it, and the one open plan that carries it.</summary>
internal static class FixWork
{
    internal sealed record Row
    {
        public Guid AssetId { get; init; }
        public string Line { get; init; } = "";
        public string FixKey { get; init; } = "";
        public string Turn { get; init; } = "";
        public DateTimeOffset TurnSinceUs { get; init; }
        public string? Blocked { get; init; }
        public Guid? PlanId { get; init; }
        public int Failures { get; init; }
        public string? FailedKey { get; init; }
        public string? FailedReason { get; init; }
        public DateTimeOffset? RetryUs { get; init; }

        /// <summary>JSON list of installed packages that apt upgrades together with this fix; null when none is known of.</summary>
        public string? Also { get; init; }

        public IReadOnlySet<string> ReadAlso() => Also is null ? new HashSet<string>() : PlanCanon.Read<HashSet<string>>(Also);
    }

    public const string Columns = "asset_id, line, fix_key, turn, turn_since_us, blocked, plan_id, failures, failed_key, failed_reason, retry_us, also";

    public static Task<IReadOnlyList<Row>> OfAssetAsync(StoreSession session, Guid asset) =>
        session.QueryAsync<Row>($"select {Columns} from remediation_work where asset_id = @asset order by line", new { asset });

    /// <summary>Lets a plan carry a fix of an asset, when no other open plan does.</summary>
    public static async Task<bool> ClaimAsync(StoreSession session, Guid asset, string fix, Guid plan, string turn, DateTimeOffset now)
    {
        var rows = await session.ExecuteAsync(
            """
            insert into remediation_work (asset_id, line, fix_key, turn, turn_since_us, plan_id, failures)
            values (@asset, @line, @fix, @turn, @now, @plan, 0)
            on conflict (asset_id, line) do update set
              also = case when remediation_work.fix_key = excluded.fix_key then remediation_work.also end, fix_key = excluded.fix_key, plan_id = excluded.plan_id, turn = excluded.turn,
              turn_since_us = case when remediation_work.turn = excluded.turn then remediation_work.turn_since_us else excluded.turn_since_us end
            where remediation_work.plan_id is null or remediation_work.plan_id = excluded.plan_id
            """,
            new { asset, line = FixLine.Of(fix), fix, turn, now, plan });
        return rows == 1;
    }

    /// <summary>Takes a plan's hand off everything it carried.</summary>
    /// <param name="session">A writing session.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="turn">Whose turn it is now; null when another plan takes over at once.</param>
    /// <param name="now">When.</param>
    public static Task ReleaseAsync(StoreSession session, Guid plan, string? turn, DateTimeOffset now) =>
        session.ExecuteAsync(
            """
            update remediation_work set plan_id = null,
              turn_since_us = case when turn = coalesce(@turn, turn) then turn_since_us else @now end, turn = coalesce(@turn, turn)
            where plan_id = @plan
            """,
            new { plan, turn, now });

    /// <summary>Says whose turn a plan's work is.</summary>
    public static Task TurnAsync(StoreSession session, Guid plan, string turn, DateTimeOffset now) =>
        session.ExecuteAsync(
            "update remediation_work set turn = @turn, turn_since_us = @now where plan_id = @plan and turn <> @turn", new { plan, turn, now });

    /// <summary>Says whose turn a fix is and what blocks it; since when changes only with the turn.</summary>
    public static Task NoteAsync(StoreSession session, Guid asset, FixNote note, DateTimeOffset now) =>
        session.ExecuteAsync(
            """
            insert into remediation_work (asset_id, line, fix_key, turn, turn_since_us, blocked, failures)
            values (@asset, @line, @fix, @Turn, @now, @Blocked, 0)
            on conflict (asset_id, line) do update set
              also = case when remediation_work.fix_key = excluded.fix_key then remediation_work.also end, fix_key = excluded.fix_key, blocked = excluded.blocked, turn = excluded.turn,
              turn_since_us = case when remediation_work.turn = excluded.turn then remediation_work.turn_since_us else excluded.turn_since_us end
            """,
            new { asset, line = note.Fix.Line(), fix = note.Fix.ToString(), note.Turn, note.Blocked, now });

    /// <summary>Forgets the work on fixes that the asset no longer needs.</summary>
    public static async Task ForgetAsync(StoreSession session, Guid asset, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            await session.ExecuteAsync("delete from remediation_work where asset_id = @asset and line = @line and plan_id is null", new { asset, line });
        }
    }

    /// <summary>Counts a plan of the policy that came to nothing for one fix of one asset; the wait before the next doubles.</summary>
    public static async Task FailAsync(StoreSession session, Guid asset, string fix, string reason, TimeSpan retryAfter, DateTimeOffset now)
    {
        var line = FixLine.Of(fix);
        var former = await session.SingleOrDefaultAsync<int?>("select failures from remediation_work where asset_id = @asset and line = @line and failed_key = @fix", new { asset, line, fix }) ?? 0;
        var retry = now + retryAfter * Math.Pow(2, Math.Min(former, 8));
        await NoMoreAsync(session, asset, fix, reason, former + 1, retry);
    }

    /// <summary>Keeps which installed packages apt upgrades together with a fix, so that the next plan names them too. Forgotten when the version of the fix rises.</summary>
    /// <returns>False when all of them were known: the next plan would be the same again.</returns>
    public static async Task<bool> AlsoAsync(StoreSession session, Guid asset, string fix, IReadOnlyCollection<string> packages)
    {
        var row = (await OfAssetAsync(session, asset)).FirstOrDefault(row => row.Line == FixLine.Of(fix) && row.FixKey == fix);
        var known = row?.ReadAlso() ?? new HashSet<string>();
        if (row is null || packages.All(known.Contains))
        {
            return false;
        }
        var also = PlanCanon.Text(known.Union(packages).Order(StringComparer.Ordinal).Take(RemediationLimits.JobPackagesMax));
        await session.ExecuteAsync("update remediation_work set also = @also where asset_id = @asset and line = @Line", new { asset, row.Line, also });
        return also != row.Also;
    }

    /// <summary>Lets the policy make no further plan for a fix of an asset until its version rises: a person rejected it.</summary>
    public static Task RejectAsync(StoreSession session, Guid asset, string fix, string reason, DateTimeOffset now) =>
        NoMoreAsync(session, asset, fix, reason, RemediationLimits.PolicyAttemptsMax, now);

    private static Task NoMoreAsync(StoreSession session, Guid asset, string fix, string reason, int count, DateTimeOffset retry) =>
        session.ExecuteAsync(
            """
            update remediation_work set failures = @count, failed_key = @fix, failed_reason = @reason, retry_us = @retry
            where asset_id = @asset and line = @line
            """,
            new { asset, line = FixLine.Of(fix), fix, reason, count, retry });
}
