using System.Buffers.Binary;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Jobs;

/// <summary>What an agent demands beside the server's signature.</summary>
internal sealed record ApprovalDemand
{
    /// <summary>Whose signatures.</summary>
    public required ApproverSet Set { get; init; }

    /// <summary>Jobs of a verb that were taken on for a plan, by the plan's hash.</summary>
    public required Func<string, JobVerb, IReadOnlyList<Guid>> Taken { get; init; }

    /// <summary>Units of which a process runs code that was replaced on disk.</summary>
    public required Func<IReadOnlySet<string>> OutdatedUnits { get; init; }
}

/// <summary>Whether approvers signed what a job does on this machine. Pure but for what the demand tells; anything unclear is a refusal.</summary>
/// <remarks>The server's word counts for nothing here: who holds it, its store and its keys, can at most repeat to this machine what approvers signed for it, within the plan's window,
/// for as long as <see cref="PlanAgeMax"/>.</remarks>
internal static class ApprovalGate
{
    /// <summary>How long after it was made a plan may be carried out.</summary>
    public static readonly TimeSpan PlanAgeMax = TimeSpan.FromDays(30);

    /// <summary>How far ahead of this machine's clock a plan may have been made.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    /// <summary>Most jobs of one plan that restart, and that reboot: one that it names, one that follows.</summary>
    private static readonly Dictionary<JobVerb, int> TakenMax = new() { [JobVerb.RestartService] = 2, [JobVerb.Reboot] = 1 };

    /// <summary>Judges a job that is genuine in all other respects.</summary>
    /// <param name="envelope">As received.</param>
    /// <param name="job">Its payload.</param>
    /// <param name="demand">What this machine demands.</param>
    /// <param name="now">The instant.</param>
    /// <returns>Reason and sentence of the refusal; null when approvers signed it.</returns>
    public static (string Reason, string Detail)? Refuse(JobEnvelope envelope, JobPayload job, ApprovalDemand demand, DateTimeOffset now)
    {
        if (job.Verb == JobVerb.ReportNow || demand.Set.Needed == 0)
        {
            return null;
        }
        if (envelope.Plan is not { Changes.Count: 1 } plan || plan.ReadHead() is not { } headBytes || plan.ReadChanges(0) is not { } changesBytes)
        {
            return ("plan-missing", $"This machine demands {demand.Set.Needed} signatures of approvers on the plan, and the job does not carry the plan.");
        }
        if (ApprovedPlan.Digest(headBytes) != job.PlanHash || Read(headBytes, AgentMessagesJson.Default.PlanHead) is not { Schema: 2 } head)
        {
            return ("plan-differs", "The plan that the job carries is not the one whose hash it names.");
        }
        if (!head.Assets.Contains(ApprovedPlan.Digest(changesBytes)) || Read(changesBytes, AgentMessagesJson.Default.AssetChanges) is not { } changes || changes.Asset != job.AssetId)
        {
            return ("plan-differs", "The changes that the job carries are not what the plan has for this machine.");
        }
        var signed = ApproverSignature.CountHolders(envelope.ApproverSignatures, Convert.FromHexString(job.PlanHash), demand.Set);
        if (signed < demand.Set.Needed)
        {
            return ("not-approved", $"{signed} of the {demand.Set.Needed} signatures of approvers that this machine demands are on the plan.");
        }
        return OutOfTime(head, job, now) ?? OutOfPlan(head, changes, job, demand);
    }

    private static (string, string)? OutOfTime(PlanHead head, JobPayload job, DateTimeOffset now)
    {
        var made = MadeUtc(head.Plan);
        if (made is null || made > now + ClockTolerance || now - made > PlanAgeMax)
        {
            return ("plan-too-old", $"The plan was made {made?.ToString("O") ?? "at an unknown time"}, this machine's clock says {now:O}; a signed plan counts for {PlanAgeMax.TotalDays} days.");
        }
        try
        {
            var (start, end) = WindowTimes.Next(head.Window, now, PlanAgeMax);
            return start <= now && job.ExpiresUtc <= end ? null : ("outside-window", $"The plan's window is from {start:O} to {end:O}, and the job from {now:O} to {job.ExpiresUtc:O}.");
        }
        catch (Exception fault) when (fault is TimeZoneNotFoundException or InvalidTimeZoneException or InvalidOperationException or FormatException or ArgumentException)
        {
            return ("window-unknown", $"The plan's window cannot be told on this machine: {fault.Message}");
        }
    }

    private static (string, string)? OutOfPlan(PlanHead head, AssetChanges changes, JobPayload job, ApprovalDemand demand)
    {
        var same = changes.Changes.Where(change => change.Asset == job.AssetId && change.Verb == job.Verb).ToList();
        var isIn = job.Verb switch
        {
            JobVerb.EnsurePackage or JobVerb.RestorePackage => job.Packages.All(same.SelectMany(change => change.Packages).Contains),
            JobVerb.RestartService => job.Units.All(Units(head, changes, same, demand).Contains),
            JobVerb.Reboot => same.Count > 0 || (head.AllowsReboot && MayNeedMore(changes)),
            _ => false,
        };
        if (!isIn)
        {
            return ("not-in-plan", $"What the job does ({job.Verb}) is not among what approvers signed for this machine.");
        }
        var taken = TakenMax.TryGetValue(job.Verb, out var most) ? demand.Taken(job.PlanHash, job.Verb).Where(id => id != job.JobId).Count() : 0;
        return taken < most || most == 0 ? null : ("already-taken", $"This machine has taken {taken} jobs of this kind for this plan, as many as one plan has.");
    }

    // What follows a plan restarts what runs replaced code: which that is, this machine knows itself.
    private static HashSet<string> Units(PlanHead head, AssetChanges changes, List<PlanChange> same, ApprovalDemand demand)
    {
        var units = same.SelectMany(change => change.Units).ToHashSet(StringComparer.Ordinal);
        if (head.RestartsServices && MayNeedMore(changes))
        {
            units.UnionWith(demand.OutdatedUnits());
        }
        return units;
    }

    /// <summary>Whether something may follow: what is upgraded or restarted may be in effect only after more.</summary>
    private static bool MayNeedMore(AssetChanges changes) => changes.Changes.Any(change => change.Verb is JobVerb.EnsurePackage or JobVerb.RestartService);

    /// <summary>When a UUID of version 7 was made; null for another.</summary>
    private static DateTimeOffset? MadeUtc(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
        return id.Version == 7 && milliseconds < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    private static T? Read<T>(byte[] bytes, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
