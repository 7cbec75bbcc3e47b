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

/// <summary>The loop, stage by stage. A stage commits its rows and the work item that asks for the next one in one transaction; an item is handed to the
/// one handler of its kind.</summary>
/// <remarks>
/// <code>
/// stage        what it does                        asks for the work              handled by
/// Inventory    stores an agent's report            inventory.asset-changed        MatchAsset
///                                                  inventory.software-changed     ReadArchive
/// Advisories   reads the archive, takes feeds      advisories.feeds-changed       RematchFleet
///                                                  advisories.archive-due         ReadArchiveDue
/// Exposure     looks at the fleet anew             exposure.asset-outdated        RematchAsset
///              matches, ranks, opens and ends      exposure.asset-judged          VerifyAsset
/// Remediation  proves jobs by the fresh facts      remediation.plan-asset         PlanAsset
///              takes another policy                remediation.policy-applied     ReplanFleet
///              plans; a plan is approved           remediation.plan-approved      SignJobs
///              signs jobs; their time runs out     remediation.jobs-due           ExpireJobs
///              takes an agent's result             remediation.result-taken       VerifyResult
/// Compliance   reads the clocks
/// </code>
/// The archive alone asks in a transaction that follows its rows: what is in force is a compiled file, not a row. A server that ends in between makes up
/// for it when it starts (RebuildExposure).
/// </remarks>
internal static class Loop
{
    /// <summary>Adds every stage, in the order of the loop.</summary>
    internal static IServiceCollection AddLoop(this IServiceCollection services, ServerOptions options, Store store)
    {
        var addresses = options.ReadFeedSources();
        return services
            .AddPlatform(store, options.DataDirectory, platform => platform.Solo = options.IsSolo)
            .AddInventory(new InventoryOptions { SecretsDirectory = options.SecretsDirectory, AgentUrl = options.Agents })
            .AddAdvisories(
                new FeedOptions { Directory = options.FeedsInForceDirectory, IsFetching = options.FetchesFeeds, Sources = addresses.Sources },
                new ArchiveOptions { IsEnabled = options.FetchesFeeds, Suites = ArchiveOptions.SecuritySuites(addresses.Archive) })
            .AddExposure()
            .AddRemediation(SecretsFolder.Open(options.DataDirectory))
            .AddCompliance();
    }

    /// <summary>Modules with tables, in the order of their migrations.</summary>
    internal static IReadOnlyList<System.Reflection.Assembly> Modules { get; } =
    [
        typeof(PlatformModule).Assembly, typeof(InventoryModule).Assembly, typeof(AdvisoriesModule).Assembly,
        typeof(ExposureModule).Assembly, typeof(RemediationModule).Assembly,
    ];
}
