using System.Net.Http.Json;
using System.Security.Cryptography;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Tests;

namespace Suture.Server.Tests.Inventory;

/// <summary>What an auditor of one group reads of the life of its assets; on both engines.</summary>
public sealed class InventoryLedgerTests(StoreFixture stores)
{
    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Auditor_OfOneGroup_ReadsTheLifeOfItsAssetsAndOfNoOthers(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var admin = await host.SignInFirstAsync();
        await InventoryHost.MakeGroupAsync(admin, "site-a");
        await InventoryHost.MakeGroupAsync(admin, "site-b");
        var left = await host.SignInNewAsync(admin, "olga", ["site-a"], Role.Auditor);
        var right = await host.SignInNewAsync(admin, "otto", ["site-b"], Role.Auditor);
        var agent = await host.EnrollAsync("site-a");

        using var renewed = await agent.RenewAsync(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        await StateAsync(admin, agent.AssetId, "owner", "anna");
        await QuarantineAsync(agent);
        using var released = await admin.PostAsync($"assets/{agent.AssetId}/release", null);
        await StateAsync(admin, agent.AssetId, "group", "site-b");
        using var revoked = await admin.DeleteAsync($"assets/{agent.AssetId}/certificate");
        using var retired = await admin.PostAsync($"assets/{agent.AssetId}/retire", null);

        Assert.Equal(
            ["enrollment-token.created", "asset.enrolled", "certificate.renewed", "asset.context-stated", "asset.quarantined", "asset.released", "asset.moved"],
            await ActionsAsync(left));
        Assert.Equal(["asset.moved", "certificate.revoked", "asset.retired"], await ActionsAsync(right));
    }

    private static async Task StateAsync(HttpClient client, Guid asset, string key, string value)
    {
        using var response = await client.PutAsJsonAsync($"assets/{asset}/context", new ContextRequest { Key = key, Value = value }, ContractsJson.Default.ContextRequest);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    // The same number twice with different content shows two holders.
    private static async Task QuarantineAsync(TestAgent agent)
    {
        await agent.ReportAsync(agent.Full(Given.Software(Given.Package("a")), Given.State()));
        agent.Sequence--;
        Assert.Equal(ReportOutcome.Quarantined, (await agent.ReportAsync(agent.Full(Given.Software(Given.Package("b")), Given.State()))).Outcome);
    }

    private static async Task<IEnumerable<string>> ActionsAsync(HttpClient client) =>
        (await client.GetFromJsonAsync("ledger", ContractsJson.Default.PageLedgerRow))!.Items.Reverse().Select(row => row.Action);
}
