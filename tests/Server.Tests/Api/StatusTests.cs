using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Platform.Work;
using Suture.Tests;

namespace Suture.Server.Tests.Api;

public sealed class StatusTests(StoreFixture stores)
{
    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Status_WorkThatFailedForGood_IsToldToWhoHasAllGroupsOnly(string engine)
    {
        await using var server = await WholeServer.StartAsync(stores, engine);
        var admin = await server.SignInFirstAsync();
        var viewer = await server.SignInNewAsync(admin, "vera", null, Role.Viewer);
        var scoped = await server.SignInNewAsync(admin, "olga", ["default"], Role.Admin);
        var before = await ReadAsync(viewer);
        var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await server.Store.WriteAsync(
            async session =>
            {
                await server.Services.GetRequiredService<WorkQueue>().EnqueueAsync(session, now, "test.kind", "a");
                await session.ExecuteAsync("update platform_work set state = 3, due_us = null, attempts = 10, tried_us = @now, error = 'no disk' where kind = 'test.kind'", new { now });
            },
            CancellationToken.None);

        var whole = await ReadAsync(viewer);
        var part = await ReadAsync(scoped);

        Assert.Equal((0, 0), (before.WorkFailed, before.FailedWork!.Count));
        var failed = Assert.Single(whole.FailedWork!);
        Assert.Equal((1, "test.kind", "a", "no disk", now), (whole.WorkFailed, failed.Kind, failed.Subject, failed.Error, failed.LastTriedUtc));
        Assert.Equal((null, null), (part.WorkFailed, part.FailedWork));
    }

    private static async Task<ServerStatus> ReadAsync(HttpClient client) => (await client.GetFromJsonAsync("status", ContractsJson.Default.ServerStatus))!;
}
