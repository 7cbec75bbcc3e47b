namespace Suture.Contracts.Api;

/// <summary>One row of the work queue: one fix.</summary>
public sealed record FixRow
{
    /// <summary>Key, <c>bookworm/openssl/3.0.17-1~deb12u2</c>; pending effects end with <c>/effect</c>.</summary>
    public required string Key { get; init; }

    /// <summary>What to do, in words: <c>upgrade openssl to 3.0.17-1~deb12u2</c>.</summary>
    public required string Title { get; init; }

    /// <summary>Release.</summary>
    public required string Release { get; init; }

    /// <summary>Source package.</summary>
    public required string Source { get; init; }

    /// <summary>Source version to reach.</summary>
    public required string Version { get; init; }

    /// <summary>CVEs it closes, riskiest first; unrated updates are not among them.</summary>
    public required IReadOnlyList<string> Vulnerabilities { get; init; }

    /// <summary>Findings it closes.</summary>
    public required int Findings { get; init; }

    /// <summary>Those of them that await only a restart or a reboot.</summary>
    public required int PendingEffect { get; init; }

    /// <summary>Assets by environment.</summary>
    public required IReadOnlyDictionary<string, int> Assets { get; init; }

    /// <summary>Assets among them that have been silent for longer than the limit: what is known of them, findings and risk, may no longer hold.</summary>
    public int SilentAssets { get; init; }

    /// <summary>Risk it removes, per day.</summary>
    public required double RiskPerDay { get; init; }

    /// <summary>What its place rests on, as short texts: the published signals of its riskiest finding, then where the network reaches its package. Empty when no feed
    /// in force says anything of it.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Feeds that its findings and their risk rest on, with their dates; ordered by name.</summary>
    public IReadOnlyList<UsedFeed> Feeds { get; set => field = ListOf.Whole(value); } = [];

    /// <summary>Earliest deadline of its findings; null when none.</summary>
    public Deadline? Deadline { get; init; }

    /// <summary>True when one of its CVEs is critical.</summary>
    public required bool IsCritical { get; init; }

    /// <summary>True when it also closes a security update that names no CVE.</summary>
    public required bool IsUnrated { get; init; }

    /// <summary>True when one of its CVEs is in KEV.</summary>
    public required bool InKev { get; init; }

    /// <summary>True when the package can be had by every asset concerned; false when by some not; null when unknown.</summary>
    public bool? PatchReady { get; init; }

    /// <summary>Plan that carries it now; null when none.</summary>
    public Guid? Plan { get; init; }

    /// <summary>State of the work: open, planned, waiting_approval, waiting_window, waiting_agent, running, verifying, blocked.</summary>
    public required string State { get; init; }

    /// <summary>Why nothing happens now on the assets that are blocked, the reason that most of them share; null when none is.</summary>
    public string? Blocked { get; init; }

    /// <summary>Since when the longest waiting job waits for its agent; null when none does.</summary>
    public DateTimeOffset? AgentAwaitedSinceUtc { get; init; }

    /// <summary>When the first of the windows opens that jobs wait for; null when none does.</summary>
    public DateTimeOffset? WindowOpensUtc { get; init; }

    /// <summary>Whose turn it is: <c>policy</c>, <c>approver</c>, <c>agent</c>, <c>person</c>.</summary>
    public required string Turn { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset TurnSinceUtc { get; init; }

    /// <summary>Team assigned; null when none.</summary>
    public string? Team { get; init; }

    /// <summary>Person assigned; null when none.</summary>
    public string? Person { get; init; }
}

/// <summary>A fix with its assets and what was said.</summary>
public sealed record FixDetail
{
    /// <summary>The row.</summary>
    public required FixRow Fix { get; init; }

    /// <summary>Assets concerned, with the actions each needs.</summary>
    public required IReadOnlyList<FixAsset> Assets { get; init; }

    /// <summary>Comments, oldest first.</summary>
    public required IReadOnlyList<Comment> Comments { get; init; }
}

/// <summary>One asset of a fix.</summary>
public sealed record FixAsset
{
    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Actions in order, <c>upgrade libssl3 3.0.16… to 3.0.17…</c>, <c>restart nginx.service</c>.</summary>
    public required IReadOnlyList<string> Actions { get; init; }

    /// <summary>State of the work on it, as <see cref="FixRow.State"/>.</summary>
    public required string State { get; init; }

    /// <summary>Why nothing happens now; null when nothing blocks it.</summary>
    public string? Blocked { get; init; }

    /// <summary>Since when its job waits for the agent; null when none does.</summary>
    public DateTimeOffset? AgentAwaitedSinceUtc { get; init; }

    /// <summary>When the window opens that its job waits for; null when none does.</summary>
    public DateTimeOffset? WindowOpensUtc { get; init; }

    /// <summary>When the time of the job that waits runs out; null when none waits.</summary>
    public DateTimeOffset? JobExpiresUtc { get; init; }

    /// <summary>Its last sign of life when it has been silent for longer than the limit: what is known of it may no longer hold. Null otherwise.</summary>
    public DateTimeOffset? SilentSinceUtc { get; init; }
}

/// <summary>Somebody's words.</summary>
public sealed record Comment
{
    /// <summary>Who.</summary>
    public required string Author { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset AtUtc { get; init; }

    /// <summary>What; at most 4,000 characters.</summary>
    public required string Text { get; init; }
}

/// <summary>A comment to add.</summary>
public sealed record CommentRequest
{
    /// <summary>At most 4,000 characters.</summary>
    public required string Text { get; init; }
}

/// <summary>Who shall see to a fix.</summary>
public sealed record FixAssignment
{
    /// <summary>Team; null to clear.</summary>
    public string? Team { get; init; }

    /// <summary>Person; null to clear.</summary>
    public string? Person { get; init; }
}
