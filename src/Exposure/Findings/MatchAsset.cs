using Suture.Inventory;
using Suture.Platform.Work;

namespace Suture.Exposure.Findings;

/// <summary>A report came, or group, context or state of an asset changed: judge it, and tell the next stage with <see cref="ExposureWork.AssetJudged"/>.</summary>
internal sealed class MatchAsset(ExposureUpdate update) : IWorkHandler
{
    public string Kind => InventoryWork.AssetChanged;

    public Task HandleAsync(WorkItem item, CancellationToken cancellation) => update.RunAsync(item, cancellation);
}

/// <summary>Other feeds change what is known of an asset: judge it again by the report it has.</summary>
internal sealed class RematchAsset(ExposureUpdate update) : IWorkHandler
{
    public string Kind => ExposureWork.AssetOutdated;

    public Task HandleAsync(WorkItem item, CancellationToken cancellation) => update.RunAsync(item, cancellation);
}
