using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Tests.Api;

namespace Suture.Tests.Identity;

public sealed class TokenTests(StoreFixture stores)
{
    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Me_EveryKindOfBadToken_Is401(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);
        var admin = await host.AdminAsync();
        var expiring = await host.UserAsync(admin, "expiring", [Role.Viewer]);
        var disabled = await host.UserAsync(admin, "disabled", [Role.Viewer]);
        var disabledToken = await TokenAsync(host, disabled, [Role.Viewer]);
        var revoked = await TokenAsync(host, admin, [Role.Viewer]);
        var signedOut = await host.UserAsync(admin, "left", [Role.Viewer]);
        await host.SendAsync(HttpMethod.Post, "auth/sign-out", signedOut);
        await host.SendAsync(HttpMethod.Delete, $"tokens/{revoked.Id}", admin);
        await host.SendAsync(HttpMethod.Post, "users/disabled/disable", admin);
        Assert.Equal(HttpStatusCode.OK, await MeAsync(host, expiring));

        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, signedOut));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, revoked.Token));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, disabled));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, disabledToken.Token));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, expiring[..^1] + (expiring[^1] == 'A' ? 'B' : 'A')));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, expiring[..^1]));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, expiring.Replace("sut_s_", "sut_t_", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, "' or 1=1 --"));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, new string('x', 5000)));

        // What was revoked with the user stays revoked.
        await host.SendAsync(HttpMethod.Post, "users/disabled/enable", admin);
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, disabledToken.Token));

        host.Time.Advance(TimeSpan.FromHours(12) - TimeSpan.FromTicks(10));
        Assert.Equal(HttpStatusCode.OK, await MeAsync(host, expiring));
        host.Time.Advance(TimeSpan.FromTicks(10));
        Assert.Equal(HttpStatusCode.Unauthorized, await MeAsync(host, expiring));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Use_UserLostRolesAndGroups_TokenLosesThemAtOnce(string engine)
    {
        Principal? seen = null;
        await using var host = await ApiHost.StartAsync(stores, engine, routes => routes.MapGet("/who", (HttpContext context) => { seen = context.GetPrincipal(); return "ok"; }).RequireAnyRole());
        var admin = await host.AdminAsync();
        await GroupAsync(host, admin, "north");
        await GroupAsync(host, admin, "south");
        var anna = await host.UserAsync(admin, "anna", [Role.Viewer, Role.Operator], ["north", "south"]);
        var both = await TokenAsync(host, anna, [Role.Viewer, Role.Operator]);
        var south = await TokenAsync(host, anna, [Role.Operator], ["south"]);
        var north = await host.Store.ReadAsync(session => session.FindGroupAsync("north", Scope.All), CancellationToken.None);

        await host.SendAsync(HttpMethod.Put, "users/anna", admin, new UserRightsRequest { Roles = [Role.Viewer], Groups = ["north"] });

        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Get, "/who", both.Token)).Status);
        Assert.Equal([Role.Viewer], seen!.Roles);
        Assert.Equal([north!.Value], seen.Scope.Groups);
        Assert.Equal("user:anna", seen.Actor);
        // Nothing is left of this one: its role is gone and its group too.
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Get, "/who", south.Token)).Status);
    }

    [Fact]
    public async Task Create_MoreThanTheCreatorHas_IsRefused()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();
        await GroupAsync(host, admin, "north");
        var anna = await host.UserAsync(admin, "anna", [Role.Viewer], ["default"]);

        var role = await CreateAsync(host, anna, [Role.Viewer, Role.Admin]);
        var group = await CreateAsync(host, anna, [Role.Viewer], ["north"]);
        var days = await host.SendAsync(HttpMethod.Post, "tokens", anna, new TokenRequest { Name = "x", Roles = [Role.Viewer], Days = 366 });
        var byToken = await CreateAsync(host, (await TokenAsync(host, anna, [Role.Viewer])).Token, [Role.Viewer]);

        Assert.Contains("You do not hold admin", role.Problem().Detail, StringComparison.Ordinal);
        Assert.Contains("no group 'north' in your scope", group.Problem().Detail, StringComparison.Ordinal);
        Assert.Contains("days is 366", days.Problem().Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, byToken.Status);
    }

    [Fact]
    public async Task List_OwnTokens_ShowsNoSecretAndOnlyOwn()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();
        var anna = await host.UserAsync(admin, "anna", [Role.Viewer]);
        var bert = await host.UserAsync(admin, "bert", [Role.Viewer]);
        var made = await TokenAsync(host, anna, [Role.Viewer]);

        var own = await host.SendAsync(HttpMethod.Get, "tokens", anna);

        Assert.Equal(made.Id, Assert.Single(own.Read<Page<TokenRow>>().Items).Id);
        Assert.DoesNotContain(made.Token, own.Text, StringComparison.Ordinal);
        Assert.Empty((await host.SendAsync(HttpMethod.Get, "tokens", bert)).Read<Page<TokenRow>>().Items);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, "tokens?user=anna", bert)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Delete, $"tokens/{made.Id}", bert)).Status);
        Assert.Single((await host.SendAsync(HttpMethod.Get, "tokens?user=anna", admin)).Read<Page<TokenRow>>().Items);
        Assert.Equal(HttpStatusCode.NoContent, (await host.SendAsync(HttpMethod.Delete, $"tokens/{made.Id}", admin)).Status);
    }

    [Fact]
    public async Task Store_AfterSignIn_HoldsNoSecret()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();

        var hashes = await host.Store.ReadAsync(session => session.QueryAsync<byte[]>("select hash from platform_token"), CancellationToken.None);
        var password = await host.Store.ReadAsync(session => session.SingleOrDefaultAsync<string>("select password_hash from platform_user"), CancellationToken.None);

        Assert.Equal(Secrets.Hash(admin), Assert.Single(hashes));
        Assert.DoesNotContain(ApiHost.Password, password, StringComparison.Ordinal);
        Assert.DoesNotContain(ApiHost.Password, (await host.SendAsync(HttpMethod.Get, "ledger", admin)).Text, StringComparison.Ordinal);
    }

    internal static Task GroupAsync(ApiHost host, string admin, string name) => host.SendAsync(HttpMethod.Post, "groups", admin, new GroupRequest { Name = name });

    internal static async Task<TokenResponse> TokenAsync(ApiHost host, string session, IReadOnlyList<Role> roles, IReadOnlyList<string>? groups = null) =>
        (await CreateAsync(host, session, roles, groups)).Read<TokenResponse>();

    private static Task<Reply> CreateAsync(ApiHost host, string session, IReadOnlyList<Role> roles, IReadOnlyList<string>? groups = null) =>
        host.SendAsync(HttpMethod.Post, "tokens", session, new TokenRequest { Name = "script", Roles = roles, Groups = groups, Days = 30 });

    private static async Task<HttpStatusCode> MeAsync(ApiHost host, string? token) => (await host.SendAsync(HttpMethod.Get, "auth/me", token)).Status;
}
