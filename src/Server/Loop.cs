using Suture.Advisories;
using Suture.Advisories.Archive;
using Suture.Advisories.Fetching;
using Suture.Compliance;
using Suture.Exposure;
using Suture.Inventory;
using Suture.Platform;
using Suture.Platform.Storage;
using Suture.Remediation;

namespace Suture.Server;

/// <summary>The loop, stage by stage. Each stage commits its rows and the next stage's work item in one transaction.</summary>
/// <remarks>
/// <code>
/// agent's report   Inventory     stores it                          -> inventory.asset-changed, inventory.software-changed
///                  Advisories    reads archive and feeds            -> advisories.feeds-changed
///                  Exposure      matches, ranks, opens and closes   -> exposure.asset-judged
///                  Remediation   verifies jobs by the fresh facts   -> remediation.plan-asset
///                                plans by policy                    -> (approval) remediation.plan-approved
///                                signs jobs                         -> agent's poll, result, fresh report
///                  Compliance    reads the clocks
/// </code>
/// </remarks>
internal static class Loop
{
    /// <summary>Adds every stage, in the order of the loop.</summary>
    internal static IServiceCollection AddLoop(this IServiceCollection services, ServerOptions options, Store store) => services
        .AddPlatform(store, platform => platform.Solo = options.IsSolo)
        .AddInventory(new InventoryOptions { SecretsDirectory = options.SecretsDirectory, AgentUrl = options.Agents })
        .AddAdvisories(
            new FeedOptions { Directory = options.FeedsInForceDirectory, IsFetching = options.FetchesFeeds, Sources = options.ReadFeedSources() },
            new ArchiveOptions { IsEnabled = options.FetchesFeeds })
        .AddExposure()
        .AddRemediation(SecretsFolder.Open(options.DataDirectory))
        .AddCompliance();

    /// <summary>Modules with tables, in the order of their migrations.</summary>
    internal static IReadOnlyList<System.Reflection.Assembly> Modules { get; } =
    [
        typeof(PlatformModule).Assembly, typeof(InventoryModule).Assembly, typeof(AdvisoriesModule).Assembly,
        typeof(ExposureModule).Assembly, typeof(RemediationModule).Assembly,
    ];
}
