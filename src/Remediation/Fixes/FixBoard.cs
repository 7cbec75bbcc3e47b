using System.Globalization;
using System.Text;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Exposure.Fixes;
using Suture.Inventory;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Fixes;

/// <summary>Which fixes are asked for. All given conditions must hold.</summary>
internal sealed record FixQuery
{
    public string? Environment { get; init; }

    public bool? Kev { get; init; }

    public bool? Critical { get; init; }

    public string? State { get; init; }

    public string? Source { get; init; }

    public string? After { get; init; }

    public int Limit { get; init; } = Paging.LimitDefault;
}

/// <summary>The work queue: fixes as exposure derives them, with the plans, turns and words that belong to them. What lies outside the scope is not in it.</summary>
internal sealed class FixBoard(Store store, ExposureIndex exposures, AssetDirectory assets, TimeProvider time)
{
    // Where assets differ, the row says what somebody waits for before what runs by itself.
    private static readonly string[] Turns = [Turn.Approver, Turn.Person, Turn.Agent, Turn.Policy];

    private readonly KnownFixes _fixes = new(exposures);

    /// <summary>A page of the queue, highest risk first.</summary>
    public async Task<Page<FixRow>> ListAsync(Scope scope, FixQuery query, CancellationToken cancellation)
    {
        var fixes = _fixes.Of(scope, query.Environment).Where(fix => Matches(fix, query)).ToList();
        var after = ReadKey(query.After);
        IEnumerable<FixGroup> next = fixes.Where(fix => after is not { } former || Follows(fix.RiskPerDay, fix.Key.ToString(), former));
        if (query.State is null)
        {
            var page = next.Take(query.Limit + 1).ToList();
            var rows = await RowsAsync(scope, page, page, cancellation);
            return Page(rows, query.Limit, fixes.Count);
        }
        // Only the rows tell which state each has.
        var all = (await RowsAsync(scope, fixes, null, cancellation)).Where(row => row.State == query.State).ToList();
        return Page([.. all.Where(row => after is not { } former || Follows(row.RiskPerDay, row.Key, former)).Take(query.Limit + 1)], query.Limit, all.Count);
    }

    /// <summary>One fix with its assets and what was said; null when no asset in scope needs it.</summary>
    public async Task<FixDetail?> FindAsync(Scope scope, FixKey key, CancellationToken cancellation)
    {
        if (_fixes.Find(scope, key) is not { } fix)
        {
            return null;
        }
        var (facts, comments) = await store.ReadAsync(
            async session => (await FixFacts.ReadAsync(session, scope, [fix]), await SpeakOfFix.CommentsAsync(session, scope, fix.Key.Line())), cancellation);
        var silent = await assets.SilentAsync(scope, cancellation);
        return new FixDetail { Fix = Row(fix, facts, silent), Assets = [.. fix.Assets.Select(asset => Show(asset, fix, facts, silent))], Comments = comments };
    }

    /// <summary>True when a text can be a page's key.</summary>
    public static bool IsPageKey(string text) => ReadKey(text) is not null;

    private async Task<List<FixRow>> RowsAsync(Scope scope, IReadOnlyList<FixGroup> fixes, IReadOnlyList<FixGroup>? only, CancellationToken cancellation)
    {
        var facts = await store.ReadAsync(session => FixFacts.ReadAsync(session, scope, only), cancellation);
        var silent = await assets.SilentAsync(scope, cancellation);
        return [.. fixes.Select(fix => Row(fix, facts, silent))];
    }

    private FixAsset Show(FixGroupAsset asset, FixGroup fix, FixFacts facts, IReadOnlyDictionary<Guid, DateTimeOffset> silent)
    {
        var progress = Progress(asset, fix, facts, silent);
        return new FixAsset
        {
            Asset = asset.Exposure.AssetId,
            Name = asset.Exposure.Asset.Name,
            Environment = asset.Exposure.Asset.Environment,
            Actions = asset.Actions,
            State = progress.State,
            Blocked = progress.Blocked,
            AgentAwaitedSinceUtc = progress.AgentAwaitedSinceUtc,
            WindowOpensUtc = progress.WindowOpensUtc,
            JobExpiresUtc = progress.ExpiresUtc,
            SilentSinceUtc = silent.TryGetValue(asset.Exposure.AssetId, out var since) ? since : null,
        };
    }

    // The asset as it was matched, but for its silence: of that no report tells.
    private FixProgress Progress(FixGroupAsset asset, FixGroup fix, FixFacts facts, IReadOnlyDictionary<Guid, DateTimeOffset> silent) =>
        FixProgress.Of(asset.Exposure.Asset with { IsSilent = silent.ContainsKey(asset.Exposure.AssetId) }, fix, facts, time.GetUtcNow());

    private FixRow Row(FixGroup fix, FixFacts facts, IReadOnlyDictionary<Guid, DateTimeOffset> silent)
    {
        var parts = fix.Assets.Select(asset => Progress(asset, fix, facts, silent)).ToList();
        var turn = Turns.First(turn => parts.Exists(part => part.Turn == turn));
        var people = facts.PeopleOf(fix);
        return new FixRow
        {
            Key = fix.Key.ToString(),
            Title = fix.Title,
            Release = fix.Key.Release,
            Source = fix.Key.Source,
            Version = fix.Key.Version,
            Vulnerabilities = fix.Vulnerabilities,
            Findings = fix.Findings,
            PendingEffect = fix.PendingEffect,
            Assets = new SortedDictionary<string, int>(
                fix.Assets.GroupBy(asset => asset.Exposure.Asset.Environment).ToDictionary(group => group.Key, group => group.Count()), StringComparer.Ordinal),
            SilentAssets = fix.Assets.Count(asset => silent.ContainsKey(asset.Exposure.AssetId)),
            RiskPerDay = fix.RiskPerDay,
            Reasons = fix.Reasons,
            Feeds = fix.Feeds,
            Deadline = fix.Deadline,
            IsCritical = fix.IsCritical,
            IsUnrated = fix.IsUnrated,
            InKev = fix.InKev,
            PatchReady = fix.PatchReady,
            Plan = parts.OrderBy(part => part.State == "waiting_approval" ? 0 : 1).Select(part => part.Plan).FirstOrDefault(plan => plan is not null),
            State = FixProgress.States.First(state => parts.Exists(part => part.State == state)),
            Blocked = parts.Select(part => part.Blocked).OfType<string>().CountBy(reason => reason).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => pair.Key).FirstOrDefault(),
            AgentAwaitedSinceUtc = parts.Min(part => part.AgentAwaitedSinceUtc),
            WindowOpensUtc = parts.Min(part => part.WindowOpensUtc),
            Turn = turn,
            TurnSinceUtc = parts.Where(part => part.Turn == turn).Min(part => part.TurnSinceUtc),
            Team = people?.Team,
            Person = people?.Person,
        };
    }

    private static Page<FixRow> Page(List<FixRow> rows, int limit, int total) => new()
    {
        Items = [.. rows.Take(limit)],
        Next = rows.Count > limit ? Key(rows[limit - 1]) : null,
        Total = total,
    };

    private static bool Matches(FixGroup fix, FixQuery query) =>
        (query.Kev is null || fix.InKev == query.Kev)
        && (query.Critical is null || fix.IsCritical == query.Critical)
        && (query.Source is null || fix.Key.Source == query.Source);

    private static bool Follows(double risk, string key, (double Risk, string Key) former) =>
        risk < former.Risk || (risk.Equals(former.Risk) && string.CompareOrdinal(key, former.Key) > 0);

    private static string Key(FixRow row) =>
        Convert.ToHexStringLower(Encoding.UTF8.GetBytes($"{row.RiskPerDay.ToString("R", CultureInfo.InvariantCulture)} {row.Key}"));

    private static (double Risk, string Key)? ReadKey(string? text)
    {
        if (text is null || text.Length is 0 or > 2_000 || text.Length % 2 != 0 || !text.All(char.IsAsciiHexDigit))
        {
            return null;
        }
        var parts = Encoding.UTF8.GetString(Convert.FromHexString(text)).Split(' ', 2);
        return parts is [var risk, var key] && double.TryParse(risk, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? (number, key) : null;
    }
}
