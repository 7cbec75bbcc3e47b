using System.Globalization;
using System.Text;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Exposure.Fixes;
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
internal sealed class FixBoard(Store store, ExposureIndex exposures)
{
    /// <summary>States of a fix's work. Where assets differ, the first that any of them has.</summary>
    public static IReadOnlyList<string> States { get; } = ["waiting_approval", "running", "verifying", "planned", "blocked", "open"];

    // Where assets differ, the row says what somebody waits for before what runs by itself.
    private static readonly string[] Turns = [Turn.Approver, Turn.Person, Turn.Agent, Turn.Policy];

    /// <summary>A page of the queue, highest risk first.</summary>
    public async Task<Page<FixRow>> ListAsync(Scope scope, FixQuery query, CancellationToken cancellation)
    {
        var fixes = FixGroups.Of(exposures.All(scope).Where(exposure => InEnvironment(exposure, query.Environment))).Where(fix => Matches(fix, query)).ToList();
        var facts = await store.ReadAsync(session => FixFacts.ReadAsync(session, scope), cancellation);
        var rows = fixes.Select(fix => Row(fix, facts)).Where(row => query.State is null || row.State == query.State).ToList();
        var after = ReadKey(query.After);
        var page = rows.Where(row => after is not { } former || Follows(row, former)).Take(query.Limit + 1).ToList();
        return new Page<FixRow>
        {
            Items = [.. page.Take(query.Limit)],
            Next = page.Count > query.Limit ? Key(page[query.Limit - 1]) : null,
            Total = rows.Count,
        };
    }

    /// <summary>One fix with its assets and what was said; null when no asset in scope needs it.</summary>
    public async Task<FixDetail?> FindAsync(Scope scope, FixKey key, CancellationToken cancellation)
    {
        if (FixGroups.Find(exposures.All(scope), key) is not { } fix)
        {
            return null;
        }
        var (facts, comments) = await store.ReadAsync(
            async session => (await FixFacts.ReadAsync(session, scope), await SpeakOfFix.CommentsAsync(session, scope, fix.Key.Line())), cancellation);
        return new FixDetail
        {
            Fix = Row(fix, facts),
            Assets = [.. fix.Assets.Select(asset => new FixAsset
            {
                Asset = asset.Exposure.AssetId,
                Name = asset.Exposure.Asset.Name,
                Environment = asset.Exposure.Asset.Environment,
                Actions = asset.Actions,
                Blocked = Blocked(asset.Exposure, fix.Key, facts),
            })],
            Comments = comments,
        };
    }

    /// <summary>True when a text can be a page's key.</summary>
    public static bool IsPageKey(string text) => ReadKey(text) is not null;

    internal static FixRow Row(FixGroup fix, FixFacts facts)
    {
        var parts = fix.Assets.Select(asset => Part(asset.Exposure, fix, facts)).ToList();
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
            RiskPerDay = fix.RiskPerDay,
            Reasons = fix.Reasons,
            Feeds = fix.Feeds,
            Deadline = fix.Deadline,
            IsCritical = fix.IsCritical,
            IsUnrated = fix.IsUnrated,
            InKev = fix.InKev,
            PatchReady = fix.PatchReady,
            Plan = parts.OrderBy(part => part.State == "waiting_approval" ? 0 : 1).Select(part => part.Plan).FirstOrDefault(plan => plan is not null),
            State = States.First(state => parts.Exists(part => part.State == state)),
            Blocked = parts.Select(part => part.Blocked).OfType<string>().CountBy(reason => reason).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => pair.Key).FirstOrDefault(),
            Turn = turn,
            TurnSinceUtc = parts.Where(part => part.Turn == turn).Min(part => part.SinceUtc),
            Team = people?.Team,
            Person = people?.Person,
        };
    }

    private sealed record AssetPart(string State, string Turn, DateTimeOffset SinceUtc, Guid? Plan, string? Blocked);

    private static string? Blocked(AssetExposure exposure, FixKey fix, FixFacts facts) => facts.WorkOf(exposure.AssetId, fix)?.Blocked ?? PlanInputs.Held(exposure.Asset);

    private static AssetPart Part(AssetExposure exposure, FixGroup fix, FixFacts facts)
    {
        var blocked = Blocked(exposure, fix.Key, facts);
        if (facts.WorkOf(exposure.AssetId, fix.Key) is not { } work)
        {
            // Detected, and the policy has not looked at it yet.
            return new AssetPart("open", Turn.Policy, fix.DetectedUtc, null, blocked);
        }
        if (work.PlanId is { } plan && facts.StateOf(plan) is { } state)
        {
            var jobs = facts.JobsOf(plan, exposure.AssetId);
            var word = state == PlanState.WaitingApproval ? "waiting_approval"
                : !jobs.Any() ? "planned"
                : jobs.Any(job => job is JobState.Waiting or JobState.Ready or JobState.Leased) ? "running" : "verifying";
            return new AssetPart(word, work.Turn, work.TurnSinceUs, plan, blocked);
        }
        return new AssetPart(work.Blocked is null ? "open" : "blocked", work.Turn, work.TurnSinceUs, null, blocked);
    }

    private static bool InEnvironment(AssetExposure exposure, string? environment) =>
        environment is null || string.Equals(exposure.Asset.Environment, environment, StringComparison.OrdinalIgnoreCase);

    private static bool Matches(FixGroup fix, FixQuery query) =>
        (query.Kev is null || fix.InKev == query.Kev)
        && (query.Critical is null || fix.IsCritical == query.Critical)
        && (query.Source is null || fix.Key.Source == query.Source);

    private static bool Follows(FixRow row, (double Risk, string Key) former) =>
        row.RiskPerDay < former.Risk || (row.RiskPerDay.Equals(former.Risk) && string.CompareOrdinal(row.Key, former.Key) > 0);

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
