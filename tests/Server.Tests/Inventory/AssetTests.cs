using System.Net;
using System.Net.Http.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Inventory.Assets;
using Suture.Platform.Identity;
using Suture.Tests;

namespace Suture.Server.Tests.Inventory;

public sealed class AssetTests(StoreFixture stores)
{
    private static Task<HttpResponseMessage> PutAsync(HttpClient client, Guid asset, string key, string value) =>
        client.PutAsJsonAsync($"assets/{asset}/context", new ContextRequest { Key = key, Value = value }, ContractsJson.Default.ContextRequest);

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Assets_OutOfScope_AnswerLikeAbsentOnes(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var admin = await host.SignInFirstAsync();
        await InventoryHost.MakeGroupAsync(admin, "site-a");
        await InventoryHost.MakeGroupAsync(admin, "site-b");
        var mine = await host.EnrollAsync("site-a", hostName: "mine");
        var theirs = await host.EnrollAsync("site-b", hostName: "theirs");
        var client = await host.SignInNewAsync(admin, "olga", ["site-a"], Role.Operator);
        var absent = Guid.CreateVersion7(InventoryHost.Start);

        var page = (await client.GetFromJsonAsync("assets", ContractsJson.Default.PageAssetRow))!;
        var scoped = await host.Directory.ListAsync(Scope.Of([(await host.Directory.FindAsync(Scope.All, mine.AssetId, CancellationToken.None))!.GroupId]), CancellationToken.None);

        Assert.Equal(("mine", 1), (Assert.Single(page.Items).Name, page.Total!.Value));
        Assert.Equal(mine.AssetId, Assert.Single(scoped).Id);
        Assert.Empty(await host.Directory.ListAsync(Scope.None, CancellationToken.None));
        Assert.Null(await host.Directory.FindAsync(Scope.None, mine.AssetId, CancellationToken.None));
        Func<Guid, Task<HttpResponseMessage>>[] calls =
        [
            id => client.GetAsync($"assets/{id}"),
            id => PutAsync(client, id, "owner", "me"),
            id => client.PostAsync($"assets/{id}/retire", null),
            id => client.PostAsync($"assets/{id}/release", null),
            id => client.DeleteAsync($"assets/{id}/certificate"),
        ];
        foreach (var call in calls)
        {
            using var foreign = await call(theirs.AssetId);
            using var none = await call(absent);
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (foreign.StatusCode, none.StatusCode));
            Assert.Equal(
                (await none.Content.ReadAsStringAsync()).Replace($"{absent}", "ID", StringComparison.Ordinal),
                (await foreign.Content.ReadAsStringAsync()).Replace($"{theirs.AssetId}", "ID", StringComparison.Ordinal));
        }
        Assert.Equal(HttpStatusCode.OK, (await theirs.PollAsync()).StatusCode);
    }

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Assets_Paged_GivesEachOnceInTheOrderOfNames(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var admin = await host.SignInFirstAsync();
        string[] names = ["b", "A", "same", "same", "a-1", "z", "same"];
        foreach (var name in names)
        {
            await host.EnrollAsync(hostName: name);
        }

        var seen = new List<AssetRow>();
        string? after = null;
        do
        {
            var page = (await admin.GetFromJsonAsync($"assets?limit=2{(after is null ? "" : "&after=" + after)}", ContractsJson.Default.PageAssetRow))!;
            seen.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(names.Order(StringComparer.Ordinal), seen.Select(row => row.Name));
        Assert.Equal(7, seen.Select(row => row.Id).Distinct().Count());
        foreach (var bad in (string[])["limit=0", "limit=1001", "after=xyz", "after=" + new string('A', 700)])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync("assets?" + bad)).StatusCode);
        }
    }

    [Fact]
    public async Task Context_StatedByOperator_IsInForceWithSourceAndLedgerRow()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync(environment: "staging");
        host.Clock.Advance(TimeSpan.FromMinutes(5));

        using var environment = await PutAsync(admin, agent.AssetId, "environment", "production");
        using var criticality = await PutAsync(admin, agent.AssetId, "criticality", "5");

        var detail = (await criticality.Content.ReadFromJsonAsync(ContractsJson.Default.AssetDetail))!;
        Assert.Equal("production", detail.Asset.Environment);
        var value = detail.Context.Single(context => context.Key == "criticality");
        Assert.Equal(("5", "stated", InventoryHost.Start.AddMinutes(5)), (value.Value, value.Source, value.AtUtc));
        Assert.Equal(2, await host.CountAsync("select count(*) from platform_ledger where action = 'asset.context-stated' and actor = 'user:admin'"));
        Assert.Equal(1, await host.CountAsync("select count(*) from platform_work where kind = 'inventory.asset-changed'"));
    }

    [Theory]
    [InlineData("criticality", "6")]
    [InlineData("criticality", "high")]
    [InlineData("environment", "Production")]
    [InlineData("internet-facing", "maybe")]
    [InlineData("owner", "")]
    [InlineData("owner", "a\nb")]
    [InlineData("os", "OpenBSD")]
    [InlineData("listening", "no")]
    [InlineData("group", "nowhere")]
    public async Task Context_ValueThatIsNone_IsRefused(string key, string value)
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();

        using var response = await PutAsync(admin, agent.AssetId, key, value);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(0, await host.CountAsync("select count(*) from platform_work"));
    }

    [Theory]
    [InlineData("production", "environment", "staging", true)]
    [InlineData("production", "group", "site-b", true)]
    [InlineData("production", "group", "site-a", false)] // it is there
    [InlineData("production", "environment", "production", false)]
    [InlineData("production", "criticality", "1", false)]
    [InlineData("staging", "environment", "test", false)]
    [InlineData("staging", "environment", "production", false)]
    [InlineData("staging", "group", "site-b", false)]
    public async Task Context_AssetLeavesProductionOrItsGroupThere_WantsAnApprover(string environment, string key, string value, bool isWanted)
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        await InventoryHost.MakeGroupAsync(admin, "site-a");
        await InventoryHost.MakeGroupAsync(admin, "site-b");
        var agent = await host.EnrollAsync("site-a", environment: environment);
        var operatorOnly = await host.SignInNewAsync(admin, "olga", ["site-a", "site-b"], Role.Operator);
        var both = await host.SignInNewAsync(admin, "anna", ["site-a", "site-b"], Role.Operator, Role.Approver);
        var before = await host.Directory.FindAsync(Scope.All, agent.AssetId, CancellationToken.None);

        using var asked = await PutAsync(operatorOnly, agent.AssetId, key, value);
        Assert.Equal(isWanted ? HttpStatusCode.Forbidden : HttpStatusCode.OK, asked.StatusCode);
        if (isWanted)
        {
            Assert.Contains("Only an approver takes an asset out of production", await asked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            var still = await host.Directory.FindAsync(Scope.All, agent.AssetId, CancellationToken.None);
            Assert.Equal((before!.Environment, before.Group), (still!.Environment, still.Group));
        }
        using var allowed = await PutAsync(both, agent.AssetId, key, value);
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
    }

    [Fact]
    public async Task Group_Moved_NeedsBothGroupsInScope()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        foreach (var name in (string[])["site-a", "site-b", "site-c"])
        {
            await InventoryHost.MakeGroupAsync(admin, name);
        }
        var agent = await host.EnrollAsync("site-a");
        var client = await host.SignInNewAsync(admin, "olga", ["site-a", "site-b"], Role.Operator);

        using var outside = await PutAsync(client, agent.AssetId, "group", "site-c");
        using var inside = await PutAsync(client, agent.AssetId, "group", "site-b");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (outside.StatusCode, inside.StatusCode));
        Assert.Equal("site-b", (await host.Directory.FindAsync(Scope.All, agent.AssetId, CancellationToken.None))!.Group);
        Assert.Equal(2, await host.CountAsync("select count(*) from platform_ledger where action = 'asset.moved'")); // one for each group
    }

    [Fact]
    public async Task Routes_WithoutTheRole_AreForbidden()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();
        var approver = await host.SignInNewAsync(admin, "anna", ["default"], Role.Approver);
        using var nobody = new HttpClient { BaseAddress = new Uri(host.ApiUrl, "/api/v1/") };

        Assert.Equal(HttpStatusCode.OK, (await approver.GetAsync("assets")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(approver, agent.AssetId, "owner", "me")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await approver.PostAsync($"assets/{agent.AssetId}/retire", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await approver.DeleteAsync($"assets/{agent.AssetId}/certificate")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.GetAsync("assets")).StatusCode);
    }

    [Fact]
    public async Task Retire_Twice_IsRetiredOnceAndSpeaksNoMore()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();

        using var first = await admin.PostAsync($"assets/{agent.AssetId}/retire", null);
        using var again = await admin.PostAsync($"assets/{agent.AssetId}/retire", null);
        using var stated = await PutAsync(admin, agent.AssetId, "owner", "me");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.Conflict), (first.StatusCode, again.StatusCode, stated.StatusCode));
        Assert.Equal(HttpStatusCode.Forbidden, (await agent.PollAsync()).StatusCode);
        Assert.Equal(1, await host.CountAsync("select count(*) from platform_ledger where action = 'asset.retired'"));
        Assert.Equal(AssetState.Retired, (await host.Directory.FindAsync(Scope.All, agent.AssetId, CancellationToken.None))!.State);
    }

    [Fact]
    public async Task Silent_WithoutSignOfLife_UntilTouched()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        async Task<AssetRecord> Read() => (await host.Directory.FindAsync(Scope.All, agent.AssetId, CancellationToken.None))!;

        host.Clock.Advance(TimeSpan.FromHours(24));
        var atLimit = (await Read()).IsSilent;
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var beyond = (await Read()).IsSilent;
        await host.Directory.TouchAsync(agent.AssetId, host.Clock.GetUtcNow());
        var touched = await Read();
        await ((Heartbeats)host.Services.GetService(typeof(Heartbeats))!).FlushAsync(CancellationToken.None);
        var written = await host.CountAsync("select count(*) from inventory_asset where last_seen_us is not null");

        Assert.Equal((false, true, false), (atLimit, beyond, touched.IsSilent));
        Assert.Equal((host.Clock.GetUtcNow(), 1), (touched.LastSeenUtc!.Value, written));
    }

    [Fact]
    public async Task Groups_Listed_CountTheirAssets()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var admin = await host.SignInFirstAsync();
        await host.EnrollAsync();
        await host.EnrollAsync(hostName: "web-2");

        var groups = (await admin.GetFromJsonAsync("groups", ContractsJson.Default.PageGroupRow))!;

        Assert.Equal(2, groups.Items.Single(group => group.Name == "default").Assets);
    }
}
