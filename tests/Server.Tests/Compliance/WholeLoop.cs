using Microsoft.Extensions.DependencyInjection;
using Suture.Platform.Storage;
using Suture.Remediation;
using Suture.Remediation.Policies;
using Suture.Server.Tests.Exposure;
using Suture.Tests;

namespace Suture.Server.Tests.Compliance;

/// <summary>All stages of the loop over a real store.</summary>
internal sealed class WholeLoop(ExposureWorld world, string folder) : IAsyncDisposable
{
    internal ExposureWorld World => world;

    internal static async Task<WholeLoop> StartAsync(StoreFixture stores, string engine, HandMadeFeeds feeds)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"suture-compliance-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}");
        return new WholeLoop(await ExposureWorld.StartAsync(stores, engine, feeds, services => AddLaterStages(services, folder), typeof(PolicyRules).Assembly), folder);
    }

    /// <summary>Adds the stages after exposure to another host over the same store.</summary>
    internal void AddLaterStages(IServiceCollection services) => AddLaterStages(services, folder);

    public async ValueTask DisposeAsync()
    {
        await world.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static void AddLaterStages(IServiceCollection services, string folder) => services.AddRemediation(SecretsFolder.Open(folder));
}
