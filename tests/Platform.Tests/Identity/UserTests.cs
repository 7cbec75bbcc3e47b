using System.Net;
using Suture.Contracts.Api;
using Suture.Platform.Ledger;
using Suture.Tests.Api;

namespace Suture.Tests.Identity;

public sealed class UserTests(StoreFixture stores)
{
    private static readonly Role[] All = Enum.GetValues<Role>();

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Disable_TwoLastAdminsByEachOther_LeavesOne(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);
        var admin = await host.AdminAsync();
        var second = await host.UserAsync(admin, "second", [Role.Admin]);

        var replies = await Task.WhenAll(
            host.SendAsync(HttpMethod.Post, "users/second/disable", admin), host.SendAsync(HttpMethod.Post, "users/admin/disable", second));

        Assert.Single(replies, reply => reply.Status == HttpStatusCode.OK);
        Assert.Equal(1, await host.Store.ReadAsync(session => session.SingleOrDefaultAsync<int>("select count(*) from platform_user where is_enabled = 1"), CancellationToken.None));
    }

    [Fact]
    public async Task Change_TheLastAdmin_IsRefused()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();
        await host.UserAsync(admin, "scoped", [Role.Admin], ["default"]); // an admin of one group is no way out

        var disable = await host.SendAsync(HttpMethod.Post, "users/admin/disable", admin);
        var demote = await host.SendAsync(HttpMethod.Put, "users/admin", admin, new UserRightsRequest { Roles = [Role.Viewer] });
        var narrow = await host.SendAsync(HttpMethod.Put, "users/admin", admin, new UserRightsRequest { Roles = All, Groups = ["default"] });

        Assert.All([disable, demote, narrow], reply => Assert.Equal("The last admin stays", reply.Problem().Title));
    }

    [Fact]
    public async Task SetRights_OfOneself_OnlyDownwards()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var anna = await host.UserAsync(await host.AdminAsync(), "anna", [Role.Admin, Role.Viewer]);

        var raise = await host.SendAsync(HttpMethod.Put, "users/anna", anna, new UserRightsRequest { Roles = [Role.Admin, Role.Approver] });
        var lower = await host.SendAsync(HttpMethod.Put, "users/anna", anna, new UserRightsRequest { Roles = [Role.Admin] });

        Assert.Equal("Nobody raises their own rights", raise.Problem().Title);
        Assert.Equal([Role.Admin], lower.Read<UserRow>().Roles);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Manage_ByAScopedAdmin_StaysInItsGroups(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);
        var admin = await host.AdminAsync();
        await TokenTests.GroupAsync(host, admin, "north");
        await TokenTests.GroupAsync(host, admin, "south");
        var scoped = await host.UserAsync(admin, "scoped", [Role.Admin], ["north"]);
        await host.UserAsync(admin, "inside", [Role.Viewer], ["north"]);
        await host.UserAsync(admin, "across", [Role.Viewer], ["north", "south"]);

        var everything = await host.SendAsync(HttpMethod.Post, "users", scoped, new UserRequest { Name = "x", Roles = [Role.Viewer] });
        var elsewhere = await host.SendAsync(HttpMethod.Post, "users", scoped, new UserRequest { Name = "x", Roles = [Role.Viewer], Groups = ["south"] });
        var within = await host.SendAsync(HttpMethod.Post, "users", scoped, new UserRequest { Name = "x", Roles = [Role.Viewer], Groups = ["north"] });

        Assert.Equal(HttpStatusCode.Forbidden, everything.Status);
        Assert.Contains("no group 'south' in your scope", elsewhere.Problem().Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, within.Status);
        foreach (var verb in new[] { "code", "disable", "enable" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Post, $"users/admin/{verb}", scoped)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Post, $"users/across/{verb}", scoped)).Status);
        }
        Assert.Equal(["inside", "scoped", "x"], (await host.SendAsync(HttpMethod.Get, "users", scoped)).Read<Page<UserRow>>().Items.Select(user => user.Name));
        Assert.Equal(["north"], (await host.SendAsync(HttpMethod.Get, "groups", scoped)).Read<Page<GroupRow>>().Items.Select(group => group.Name));
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Post, "groups", scoped, new GroupRequest { Name = "west" })).Status);
    }

    [Fact]
    public async Task Manage_ByAnApiToken_StaysWithinTheTokensRoles()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();
        var token = (await TokenTests.TokenAsync(host, admin, [Role.Admin, Role.Viewer])).Token;

        var more = await host.SendAsync(HttpMethod.Post, "users", token, new UserRequest { Name = "x", Roles = [Role.Approver] });
        var owner = await host.SendAsync(HttpMethod.Post, "users/admin/code", token);
        var less = await host.SendAsync(HttpMethod.Post, "users", token, new UserRequest { Name = "x", Roles = [Role.Viewer] });

        Assert.Equal("The API token holds fewer roles", more.Problem().Title);
        Assert.Equal("The API token holds fewer roles", owner.Problem().Title); // a code would turn the token into its user
        Assert.Equal(HttpStatusCode.Created, less.Status);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Analyst)]
    [InlineData(Role.Operator)]
    [InlineData(Role.Approver)]
    [InlineData(Role.Auditor)]
    public async Task Manage_ByAnyOtherRole_Is403(Role role)
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var caller = await host.UserAsync(await host.AdminAsync(), "caller", [role]);

        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Post, "users", caller, new UserRequest { Name = "x", Roles = [Role.Viewer] })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Post, "users/caller/code", caller)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Post, "groups", caller, new GroupRequest { Name = "x" })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Put, "users/caller", caller, new UserRightsRequest { Roles = All })).Status);
        Assert.Equal(role == Role.Auditor ? HttpStatusCode.OK : HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Get, "ledger", caller)).Status);
    }

    [Theory]
    [InlineData("", "is no name")]
    [InlineData("a b", "is no name")]
    [InlineData("-a", "is no name")]
    [InlineData("аnna", "is no name")] // the first letter is Cyrillic
    public async Task Create_BadName_SaysWhatIsWanted(string name, string wanted)
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");

        var reply = await host.SendAsync(HttpMethod.Post, "users", await host.AdminAsync(), new UserRequest { Name = name, Roles = [Role.Viewer] });

        Assert.Contains(wanted, reply.Problem().Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_NameThatDiffersInCaseOnly_IsTheSameUser()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();

        var reply = await host.SendAsync(HttpMethod.Post, "users", admin, new UserRequest { Name = "ADMIN", Roles = [Role.Viewer] });

        Assert.Equal(HttpStatusCode.Conflict, reply.Status);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Ledger_EveryChange_HasItsRow(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);
        var admin = await host.AdminAsync();
        await TokenTests.GroupAsync(host, admin, "north");
        await host.UserAsync(admin, "anna", [Role.Viewer], ["north"]);
        var token = await TokenTests.TokenAsync(host, admin, [Role.Viewer]);
        await host.SendAsync(HttpMethod.Delete, $"tokens/{token.Id}", admin);
        await host.SendAsync(HttpMethod.Put, "users/anna", admin, new UserRightsRequest { Roles = [Role.Analyst] });
        await host.SendAsync(HttpMethod.Post, "users/anna/code", admin);
        await host.SendAsync(HttpMethod.Post, "users/anna/disable", admin);
        await host.SendAsync(HttpMethod.Post, "users/anna/enable", admin);
        await host.SignInAsync("anna", "wrong password");

        var page = (await host.SendAsync(HttpMethod.Get, "ledger?limit=1000", admin)).Read<Page<LedgerRow>>();
        var anna = (await host.SendAsync(HttpMethod.Get, "ledger?subject=user:anna&action=user.&limit=4", admin)).Read<Page<LedgerRow>>();
        var rest = (await host.SendAsync(HttpMethod.Get, $"ledger?subject=user:anna&action=user.&limit=4&after={anna.Next}", admin)).Read<Page<LedgerRow>>();

        Assert.Equal(
            [
                "server.solo-off", "group.created", "user.created", "user.code-issued", "user.password-set", "session.opened", "group.created",
                "user.created", "user.code-issued", "user.password-set", "session.opened", "token.created", "token.revoked", "user.rights-set",
                "user.code-issued", "user.disabled", "user.enabled", "session.refused",
            ],
            page.Items.Reverse().Select(row => row.Action));
        Assert.Equal(["user.enabled", "user.disabled", "user.code-issued", "user.rights-set"], anna.Items.Select(row => row.Action));
        Assert.Equal(["user.password-set", "user.code-issued", "user.created"], rest.Items.Select(row => row.Action));
        Assert.Null(rest.Next);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Ledger_ReadWithoutAllGroups_ShowsOwnGroupsOnly(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);
        var admin = await host.AdminAsync();
        await TokenTests.GroupAsync(host, admin, "north");
        var auditor = await host.UserAsync(admin, "auditor", [Role.Auditor], ["north"]);
        var north = await host.Store.ReadAsync(session => session.SingleOrDefaultAsync<Guid>("select id from platform_group where name = 'north'"), CancellationToken.None);
        await host.Store.WriteAsync(
            async session =>
            {
                await session.AppendLedgerAsync(host.Time.GetUtcNow(), "server", "test.inside", "a", new { }, LedgerScope.Of(north));
                await session.AppendLedgerAsync(host.Time.GetUtcNow(), "server", "test.outside", "b", new { }, LedgerScope.Of(Guid.CreateVersion7(host.Time.GetUtcNow())));
                await session.AppendLedgerAsync(host.Time.GetUtcNow(), "server", "test.nowhere", "c", new { }, LedgerScope.OfEach([]));
                await session.AppendLedgerAsync(host.Time.GetUtcNow(), "server", "test.both", "d", new { }, LedgerScope.OfEach([north, Guid.Empty, north]));
            },
            CancellationToken.None);

        var page = (await host.SendAsync(HttpMethod.Get, "ledger", auditor)).Read<Page<LedgerRow>>();

        Assert.Equal([("test.both", "north"), ("test.inside", "north")], page.Items.Select(row => (row.Action, row.Group)));
    }

    [Fact]
    public async Task List_Users_PagesByName()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();
        foreach (var name in new[] { "carl", "anna", "bert" })
        {
            await host.SendAsync(HttpMethod.Post, "users", admin, new UserRequest { Name = name, Roles = [Role.Viewer] });
        }

        var first = (await host.SendAsync(HttpMethod.Get, "users?limit=2", admin)).Read<Page<UserRow>>();
        var second = (await host.SendAsync(HttpMethod.Get, $"users?limit=2&after={first.Next}", admin)).Read<Page<UserRow>>();

        Assert.Equal(["admin", "anna"], first.Items.Select(user => user.Name));
        Assert.Equal(["bert", "carl"], second.Items.Select(user => user.Name));
        Assert.Null(second.Next);
    }
}
