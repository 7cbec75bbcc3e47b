using System.Globalization;
using Microsoft.Extensions.Logging;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Policies;

namespace Suture.Remediation.Planning;

/// <summary>Gives one asset the plans it shall have: read findings, policy and open plans; decide; write.</summary>
internal sealed partial class PlanAsset(
    Store store, WorkQueue queue, ExposureIndex exposures, AssetDirectory assets, PolicyStore policies, WithdrawJobs withdraw, TimeProvider time, ILogger<PlanAsset> logger)
    : IWorkHandler
{
    public string Kind => RemediationWork.PlanAsset;

    public async Task HandleAsync(WorkItem item, CancellationToken cancellation)
    {
        await exposures.WhenReadyAsync(cancellation);
        var id = Guid.ParseExact(item.Subject, "N");
        await Races.WriteAsync(store, session => WriteAsync(session, item, id), cancellation);
    }

    private async Task<bool> WriteAsync(StoreSession session, WorkItem item, Guid id)
    {
        if (await assets.FindAsync(session, Scope.All, id) is { } asset)
        {
            var now = time.GetUtcNow();
            await withdraw.HandleAsync(session, asset, now);
            var work = await FixWork.OfAssetAsync(session, asset.Id);
            var input = PlanInputs.Of(asset, exposures.Of(asset.Id), work);
            var policy = (await policies.InForceAsync(session)).Policy;
            var open = await PlanStore.OpenOfAsync(session, asset.Id);
            var parts = await PlanStore.PartsAsync(session, open);
            var verdict = DecidePlans.Of(input, policy, [.. open.Select(plan => plan.ToOpen([.. parts[plan.Id]]))], Failures(work), now);
            await WriteAsync(session, asset.Id, verdict, work, now);
        }
        await WorkQueue.CompleteAsync(session, item);
        return true;
    }

    private async Task WriteAsync(StoreSession session, Guid asset, PlanVerdict verdict, IReadOnlyList<FixWork.Row> work, DateTimeOffset now)
    {
        foreach (var superseded in verdict.Superseded)
        {
            if (!await PlanStore.SupersedeAsync(session, superseded, now))
            {
                throw new PlanRaceException($"Plan {superseded.Plan.Id} was decided on meanwhile.");
            }
        }
        foreach (var note in verdict.Notes)
        {
            await FixWork.NoteAsync(session, asset, note, now);
        }
        foreach (var plan in verdict.Made)
        {
            if (!await PlanStore.InsertAsync(session, queue, plan, now))
            {
                throw new PlanRaceException($"A fix of plan '{plan.Title}' was taken up by another plan meanwhile.");
            }
            LogMade(plan.Body.Plan, asset, plan.Body.Rule, plan.IsApproved);
        }
        var needed = verdict.Notes.Select(note => note.Fix.Line()).ToHashSet(StringComparer.Ordinal);
        await FixWork.ForgetAsync(session, asset, work.Select(row => row.Line).Where(line => !needed.Contains(line)));
        if (verdict.LookAgainUtc is { } again)
        {
            await queue.EnqueueAsync(session, now, RemediationWork.PlanAsset, asset.ToString("N", CultureInfo.InvariantCulture), again);
        }
    }

    private static List<FixFailures> Failures(IReadOnlyList<FixWork.Row> work) =>
        [.. work.Where(row => row is { Failures: > 0, FailedKey: not null })
            .Select(row => new FixFailures(row.Line, row.FailedKey!, row.Failures, row.RetryUs ?? DateTimeOffset.MinValue, row.FailedReason ?? "not known"))];

    [LoggerMessage(4101, LogLevel.Information, "Plan {PlanId} made for asset {AssetId} by rule {Rule}, approved by policy: {IsApproved}")]
    private partial void LogMade(Guid planId, Guid assetId, string rule, bool isApproved);
}

/// <summary>What planning needs of an asset, from what the stages before know. Pure.</summary>
internal static class PlanInputs
{
    public static PlanInput Of(AssetRecord asset, AssetExposure? exposure, IReadOnlyList<FixWork.Row> work) => new()
    {
        Asset = asset.Id,
        Name = asset.Name,
        Environment = asset.Environment,
        Group = asset.Group,
        Held = Held(asset),
        IsSilent = asset.IsSilent,
        DemandsSignatures = asset.Approvers is not null,
        Release = exposure?.Release,
        Findings = exposure?.Findings ?? [],
        Packages = exposure?.Packages,
        Updates = exposure?.State.AvailableUpdates,
        Also = work.Where(row => row.Also is not null).ToDictionary(row => row.FixKey, row => row.ReadAlso(), StringComparer.Ordinal),
    };

    /// <summary>Why an asset must not be changed at all; null when it may.</summary>
    public static string? Held(AssetRecord asset) => asset switch
    {
        { State: AssetState.Retired } => "the asset is retired",
        { State: AssetState.Quarantined } => "the asset is quarantined: two hold its identity; a person must decide which",
        { ObservedOnly: true } => "the endpoint is only observed: its own configuration refuses every change",
        { IsSilent: true } => "the asset is silent; what is known of it may no longer hold",
        _ => null,
    };
}
