using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Tests;

namespace Suture.Server.Tests.Inventory;

/// <summary>Decisions on one asset that are made at the same moment.</summary>
public sealed class EndAssetRaceTests(StoreFixture stores)
{
    private const int Rounds = 8;

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task RevokeAndRenew_AtOnce_LeaveNoCertificateThatCounts(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var admin = await host.SignInFirstAsync();

        for (var round = 0; round < Rounds; round++)
        {
            var agent = await host.EnrollAsync(hostName: $"web-{round}");
            await Task.WhenAll(RenewAsync(agent), admin.DeleteAsync($"assets/{agent.AssetId}/certificate"), RenewAsync(agent));

            Assert.Equal(0, await LiveAsync(host, agent));
        }
    }

    // The lock stops the renewal where it has read that nothing is revoked, and the revocation goes on.
    [Fact]
    public async Task Revoke_WhileARenewalIsBetweenReadingAndWriting_RevokesWhatItIssues()
    {
        await using var host = await InventoryHost.StartAsync(stores, "postgresql");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();
        await using var held = await HoldAsync(host, agent.AssetId);

        var renewal = RenewAsync(agent);
        await WaitForBlockedAsync(host, 1);
        var revocation = admin.DeleteAsync($"assets/{agent.AssetId}/certificate");
        await Task.WhenAny(revocation, WaitForBlockedAsync(host, 2));
        await held.DisposeAsync();
        await renewal;

        Assert.Equal(HttpStatusCode.NoContent, (await revocation).StatusCode);
        Assert.Equal(0, await LiveAsync(host, agent));
    }

    [Fact]
    public async Task Release_WhileARetirementIsBeingWritten_DoesNotBringTheAssetBack()
    {
        await using var host = await InventoryHost.StartAsync(stores, "postgresql");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();
        await host.Store.WriteAsync(session => session.ExecuteAsync("update inventory_asset set state = 2"), CancellationToken.None);
        await using var held = await HoldAsync(host, agent.AssetId);

        var retirement = admin.PostAsync($"assets/{agent.AssetId}/retire", null);
        await WaitForBlockedAsync(host, 1);
        var release = admin.PostAsync($"assets/{agent.AssetId}/release", null);
        await WaitForBlockedAsync(host, 2);
        await held.DisposeAsync();

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Conflict), ((await retirement).StatusCode, (await release).StatusCode));
        Assert.Equal(AssetState.Retired, (await host.Directory.FindAsync(Scope.All, agent.AssetId, CancellationToken.None))!.State);
    }

    [Fact]
    public async Task State_WhileARetirementIsBeingWritten_ChangesNothing()
    {
        await using var host = await InventoryHost.StartAsync(stores, "postgresql");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();
        await using var held = await HoldAsync(host, agent.AssetId);

        var retirement = admin.PostAsync($"assets/{agent.AssetId}/retire", null);
        await WaitForBlockedAsync(host, 1);
        var stated = admin.PutAsJsonAsync(
            $"assets/{agent.AssetId}/context", new ContextRequest { Key = "environment", Value = "production" }, ContractsJson.Default.ContextRequest);
        await WaitForBlockedAsync(host, 2);
        await held.DisposeAsync();

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Conflict), ((await retirement).StatusCode, (await stated).StatusCode));
        Assert.Equal("staging", (await host.Directory.FindAsync(Scope.All, agent.AssetId, CancellationToken.None))!.Environment);
    }

    [Fact]
    public async Task Revoke_TheAssetStaysWithItsFindings_AndSaysThatItCannotSpeak()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();
        await agent.ReportAsync(agent.Full(Given.Software(Given.Package("a")), Given.State()));
        var before = await DetailAsync(admin, agent);

        using var revoked = await admin.DeleteAsync($"assets/{agent.AssetId}/certificate");

        var after = await DetailAsync(admin, agent);
        Assert.DoesNotContain(before.Unknown, item => item.Subject == "certificate");
        Assert.Equal(AssetState.Active, after.Asset.State);
        Assert.Contains("retire", Assert.Single(after.Unknown, item => item.Subject == "certificate").Reason, StringComparison.Ordinal);
    }

    private static async Task<AssetDetail> DetailAsync(HttpClient client, TestAgent agent) =>
        (await client.GetFromJsonAsync($"assets/{agent.AssetId}", ContractsJson.Default.AssetDetail))!;

    private static async Task RenewAsync(TestAgent agent)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var _ = await agent.RenewAsync(key);
    }

    private static Task<int> LiveAsync(InventoryHost host, TestAgent agent) =>
        host.CountAsync("select count(*) from inventory_certificate where asset_id = @AssetId and revoked_us is null", new { agent.AssetId });

    private static async Task<Held> HoldAsync(InventoryHost host, Guid asset)
    {
        var held = new Held();
        held.Begin(host.Store.WriteAsync(
            async session =>
            {
                await session.QueryAsync<Guid>("select id from inventory_asset where id = @asset for update", new { asset });
                await held.WaitAsync();
            },
            CancellationToken.None));
        await held.IsHeld;
        return held;
    }

    // Ends when the engine itself says that so many wait for a lock.
    private static async Task WaitForBlockedAsync(InventoryHost host, int wanted)
    {
        while (await host.CountAsync("select cast(count(*) as integer) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") < wanted)
        {
            await Task.Yield();
        }
    }

    /// <summary>A transaction that holds a row until it is disposed.</summary>
    private sealed class Held : IAsyncDisposable
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task _transaction = Task.CompletedTask;

        public Task IsHeld => _held.Task;

        public void Begin(Task transaction) => _transaction = transaction;

        public Task WaitAsync()
        {
            _held.SetResult();
            return _released.Task;
        }

        public async ValueTask DisposeAsync()
        {
            _released.TrySetResult();
            await _transaction;
        }
    }
}
