using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Suture.Contracts.Api;
using Suture.Platform.Work;
using Suture.Tests.Api;

namespace Suture.Tests.Work;

public sealed class WorkApiTests(StoreFixture stores)
{
    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Failed_Work_IsShownAndRetriedWithALedgerRow(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);
        var admin = await host.AdminAsync();
        var queue = host.Services.GetRequiredService<WorkQueue>();
        await host.Store.WriteAsync(session => queue.EnqueueAsync(session, host.Time.GetUtcNow(), "test.kind", "a"), CancellationToken.None);
        await host.Store.WriteAsync(session => session.ExecuteAsync("update platform_work set state = 3, due_us = null, tried_us = created_us, error = 'no disk'"), CancellationToken.None);

        var failed = Assert.Single((await host.SendAsync(HttpMethod.Get, "work/failed", admin)).Read<Page<WorkRow>>().Items);
        var retried = await host.SendAsync(HttpMethod.Post, $"work/failed/{failed.Id}/retry", admin);
        var again = await host.SendAsync(HttpMethod.Post, $"work/failed/{failed.Id}/retry", admin);

        Assert.Equal(("test.kind", "a", "no disk"), (failed.Kind, failed.Subject, failed.Error));
        Assert.Equal(HttpStatusCode.NoContent, retried.Status);
        Assert.Equal(HttpStatusCode.NotFound, again.Status);
        Assert.Single(await queue.ClaimAsync("test.kind", 5, CancellationToken.None));
        Assert.Single((await host.SendAsync(HttpMethod.Get, "ledger?action=work.", admin)).Read<Page<LedgerRow>>().Items);
    }

    [Fact]
    public async Task Failed_CallerWithoutAllGroups_Is403()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var scoped = await host.UserAsync(await host.AdminAsync(), "scoped", [Role.Admin], ["default"]);

        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Get, "work/failed", scoped)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Post, $"work/failed/{Guid.Empty}/retry", scoped)).Status);
    }
}
