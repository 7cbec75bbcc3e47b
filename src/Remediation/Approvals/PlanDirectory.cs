using System.Globalization;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Inventory;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Approvals;
using Suture.Remediation.Planning;

namespace Suture.Remediation;

/// <summary>Which plans are asked for.</summary>
public sealed record PlanQuery
{
    /// <summary>State; null for all.</summary>
    public PlanState? State { get; init; }

    /// <summary>Asset that the plan changes; null for all.</summary>
    public Guid? Asset { get; init; }

    /// <summary>The former page's <see cref="Page{T}.Next"/>; null for the first.</summary>
    public string? After { get; init; }

    /// <summary>Rows, 1 to <see cref="Paging.LimitMax"/>.</summary>
    public int Limit { get; init; } = Paging.LimitDefault;
}

/// <summary>Which jobs are asked for.</summary>
public sealed record JobQuery
{
    /// <summary>State; null for all.</summary>
    public JobState? State { get; init; }

    /// <summary>Asset; null for all.</summary>
    public Guid? Asset { get; init; }

    /// <summary>Plan; null for all.</summary>
    public Guid? Plan { get; init; }

    /// <summary>The former page's <see cref="Page{T}.Next"/>; null for the first.</summary>
    public string? After { get; init; }

    /// <summary>Rows, 1 to <see cref="Paging.LimitMax"/>.</summary>
    public int Limit { get; init; } = Paging.LimitDefault;
}

/// <summary>Plans and jobs as callers may see them: what lies outside the scope is neither shown nor counted.</summary>
public sealed class PlanDirectory
{
    private readonly Store _store;
    private readonly AssetDirectory _assets;
    private readonly PlanSigners _signers;

    internal PlanDirectory(Store store, AssetDirectory assets, PlanSigners signers) => (_store, _assets, _signers) = (store, assets, signers);

    /// <summary>Plans that change an asset in scope, newest first.</summary>
    /// <param name="scope">The caller's scope.</param>
    /// <param name="query">Filters and page; an unreadable <see cref="PlanQuery.After"/> is the first page.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<Page<PlanRow>> ListAsync(Scope scope, PlanQuery query, CancellationToken cancellation)
    {
        var silent = await _assets.SilentAsync(scope, cancellation);
        return await _store.ReadAsync(
            async session =>
            {
                // One asset must meet both: whether a plan changes an asset out of scope is not told.
                var changed = $"{InScope(session, scope)}{(query.Asset is null ? "" : " and a.id = @asset")}";
                var conditions = new List<string> { $"p.id in (select pa.plan_id from remediation_plan_asset pa join inventory_asset_v a on a.id = pa.asset_id where {changed})" };
                AddIf(conditions, query.State is not null, "p.state = @state");
                var (afterUs, afterId) = PageKey.Read(query.After);
                AddIf(conditions, afterId is not null, "(p.created_us, p.id) < (@afterUs, @afterId)");
                var rows = await session.QueryAsync<PlanStore.Row>(
                    $"""
                    select {PlanStore.Columns}
                    from remediation_plan p where {string.Join(" and ", conditions)}
                    order by p.created_us desc, p.id desc limit @most
                    """,
                    new
                    {
                        groups = scope.Groups.ToArray(), state = (int)(query.State ?? 0), asset = query.Asset ?? Guid.Empty, afterUs, afterId = afterId ?? Guid.Empty,
                        most = Limit(query.Limit) + 1,
                    });
                var parts = await VisibleAsync(session, scope, rows);
                return Page(rows, Limit(query.Limit), row => Show(row, row.Read(), [.. parts[row.Id]], silent), row => PageKey.Text(row.CreatedUs, row.Id));
            },
            cancellation);
    }

    /// <summary>One plan as the frozen diff it is; changes outside the scope are left out.</summary>
    /// <param name="scope">The caller's scope.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null when it changes no asset in scope.</returns>
    public async Task<PlanDetail?> FindAsync(Scope scope, Guid plan, CancellationToken cancellation)
    {
        var silent = await _assets.SilentAsync(scope, cancellation);
        return await _store.ReadAsync(session => FindAsync(session, scope, plan, silent), cancellation);
    }

    private async Task<PlanDetail?> FindAsync(StoreSession session, Scope scope, Guid plan, IReadOnlyDictionary<Guid, DateTimeOffset> silent)
    {
        if (await PlanStore.FindAsync(session, plan) is not { } row)
        {
            return null;
        }
        var parts = (await VisibleAsync(session, scope, [row]))[row.Id].ToList();
        var visible = parts.Select(part => part.Asset).ToHashSet();
        var body = row.Read();
        var changes = body.Changes.Where(change => visible.Contains(change.Asset)).ToList();
        if (changes.Count == 0)
        {
            return null;
        }
        var jobs = await JobRows.ListAsync(session, "j.plan_id = @plan", new { plan, most = RemediationLimits.PlanChangesMax }, "j.created_us, j.place");
        var isWhole = changes.Count == body.Changes.Count;
        var demands = await _signers.DemandsAsync(session, row, await _assets.ListAsync(session, scope, visible));
        return new PlanDetail
        {
            Signatures = [.. demands.Select(demand => demand.Show())],
            ToSign = isWhole && demands.Count > 0 && row.State == PlanState.WaitingApproval ? row.Freeze()?.Body.ToApproved(asset: null) : null,
            Failure = row.State == PlanState.Approved && jobs.Count == 0 ? await FailureAsync(session, row, isWhole) : null,
            Plan = Show(row, body, parts, silent),
            Changes = changes,
            Clauses = PlanClauses.Of(body.RestartsServices, body.AllowsReboot, body.Window),
            Jobs = [.. jobs.Where(job => visible.Contains(job.AssetId)).Select(job => job.Show())],
        };
    }

    /// <summary>Why no jobs were made of an approved plan: the work on it rests as failed. The error may name assets, so only who sees all of them reads it.</summary>
    private static async Task<string?> FailureAsync(StoreSession session, PlanStore.Row plan, bool isWhole)
    {
        if (await WorkQueue.FindFailedAsync(session, RemediationWork.PlanApproved, plan.Id.ToString("N")) is not { } failed)
        {
            return null;
        }
        var tried = string.Create(CultureInfo.InvariantCulture, $"Its jobs could not be made: tried {failed.Attempts} times, last {failed.LastTriedUtc.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        return isWhole
            ? $"{tried}: {(failed.Error ?? "no reason is known").TrimEnd('.')}. When the cause is gone, an admin with all groups has it tried again: POST /api/v1/work/failed/{failed.Id:N}/retry."
            : $"{tried}. Somebody whose scope covers all of the plan sees why.";
    }

    /// <summary>Jobs of assets in scope, newest first.</summary>
    /// <param name="scope">The caller's scope.</param>
    /// <param name="query">Filters and page; an unreadable <see cref="JobQuery.After"/> is the first page.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<Page<JobRow>> JobsAsync(Scope scope, JobQuery query, CancellationToken cancellation) =>
        _store.ReadAsync(
            async session =>
            {
                var conditions = new List<string> { InScope(session, scope) };
                AddIf(conditions, query.State is not null, "j.state = @state");
                AddIf(conditions, query.Asset is not null, "j.asset_id = @asset");
                AddIf(conditions, query.Plan is not null, "j.plan_id = @plan");
                var (afterUs, afterId) = PageKey.Read(query.After);
                AddIf(conditions, afterId is not null, "(j.created_us, j.id) < (@afterUs, @afterId)");
                var rows = await JobRows.ListAsync(
                    session,
                    string.Join(" and ", conditions),
                    new
                    {
                        groups = scope.Groups.ToArray(), state = (int)(query.State ?? 0), asset = query.Asset ?? Guid.Empty, plan = query.Plan ?? Guid.Empty, afterUs,
                        afterId = afterId ?? Guid.Empty, most = Limit(query.Limit) + 1,
                    },
                    "j.created_us desc, j.id desc");
                return Page(rows, Limit(query.Limit), row => row.Show(), row => PageKey.Text(row.CreatedUs, row.Id));
            },
            cancellation);

    /// <summary>A plan's row as a caller of this scope may see it: title, counts and risk speak of the assets in scope only.</summary>
    private static PlanRow Show(PlanStore.Row row, PlanBody body, IReadOnlyList<PlanPart> parts, IReadOnlyDictionary<Guid, DateTimeOffset> silent)
    {
        var visible = parts.Select(part => part.Asset).ToHashSet();
        var changes = body.Changes.Where(change => visible.Contains(change.Asset)).ToList();
        var isWhole = changes.Count == body.Changes.Count;
        return new PlanRow
        {
            Id = row.Id,
            Hash = row.Hash,
            State = row.State,
            Title = isWhole ? row.Title : PlanWords.Title(body with { Changes = changes }),
            Author = row.Author,
            Rule = row.Rule,
            CreatedUtc = row.CreatedUs,
            Assets = changes.Select(change => change.Asset).Distinct().Count(),
            SilentAssets = PlanStore.OpenStates.Contains(row.State) ? changes.Select(change => change.Asset).Distinct().Count(silent.ContainsKey) : 0,
            Findings = isWhole ? row.Findings : parts.Sum(part => part.Findings),
            RiskPerDay = isWhole ? row.RiskPerDay : parts.Sum(part => part.RiskPerDay),
            DecidedBy = row.DecidedBy,
            DecidedUtc = row.DecidedUs,
            // The end's reason names assets.
            Reason = isWhole || row.State is PlanState.Rejected or PlanState.Withdrawn ? row.Reason : null,
        };
    }

    /// <summary>What plans close on assets in scope, by plan.</summary>
    private static async Task<ILookup<Guid, PlanPart>> VisibleAsync(StoreSession session, Scope scope, IReadOnlyList<PlanStore.Row> plans)
    {
        var parts = await PlanStore.PartsAsync(session, plans);
        if (scope.IsAll)
        {
            return parts;
        }
        var seen = await session.QueryAsync<AssetId>(
            $"""
            select id from inventory_asset_v a
            where {InScope(session, scope)} and id in (select asset_id from remediation_plan_asset where {session.Dialect.In("plan_id", "plans")})
            """,
            new { groups = scope.Groups.ToArray(), plans = plans.Select(plan => plan.Id).ToArray() });
        var visible = seen.Select(asset => asset.Id).ToHashSet();
        return parts.SelectMany(plan => plan.Where(part => visible.Contains(part.Asset)).Select(part => (plan.Key, Part: part))).ToLookup(pair => pair.Key, pair => pair.Part);
    }

    private sealed record AssetId
    {
        public Guid Id { get; init; }
    }

    private static string InScope(StoreSession session, Scope scope) => scope.IsAll ? "1 = 1" : session.Dialect.In("a.group_id", "groups");

    private static void AddIf(List<string> conditions, bool isAsked, string condition)
    {
        if (isAsked)
        {
            conditions.Add(condition);
        }
    }

    private static int Limit(int asked) => Math.Clamp(asked, 1, Paging.LimitMax);

    private static Page<TRow> Page<TStored, TRow>(IReadOnlyList<TStored> rows, int limit, Func<TStored, TRow> show, Func<TStored, string> key) => new()
    {
        Items = [.. rows.Take(limit).Select(show)],
        Next = rows.Count > limit ? key(rows[limit - 1]) : null,
    };
}

/// <summary>The key of a page that is ordered by time and id.</summary>
internal static class PageKey
{
    public static string Text(DateTimeOffset at, Guid id) => $"{at.ToMicroseconds().ToString(CultureInfo.InvariantCulture)}.{id:N}";

    public static (DateTimeOffset At, Guid? Id) Read(string? text)
    {
        var parts = text?.Split('.');
        return parts is [var at, var id] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var us) && us < 253402300800000000 && Guid.TryParseExact(id, "N", out var guid)
            ? (Instant.FromMicroseconds(us), guid)
            : (DateTimeOffset.UnixEpoch, null);
    }
}
