using System.Net;
using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Tests.Api;

namespace Suture.Tests.Identity;

public sealed class SignInTests(StoreFixture stores)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task SignIn_WithTheCode_SetsAPasswordOnce(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);

        var withoutPassword = await host.SignInAsync("admin", host.AdminCode);
        var weak = await host.SignInAsync("admin", host.AdminCode, "short");
        var first = await host.SignInAsync("Admin", host.AdminCode.ToLowerInvariant(), ApiHost.Password);
        var again = await host.SignInAsync("admin", host.AdminCode, "another password 2");
        var withPassword = await host.SignInAsync("admin", ApiHost.Password);

        Assert.Contains("send newPassword", withoutPassword.Problem().Detail, StringComparison.Ordinal);
        Assert.Contains("has 5 characters", weak.Problem().Detail, StringComparison.Ordinal);
        Assert.StartsWith("sut_s_", first.Read<SignInResponse>().Token, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, again.Status);
        Assert.Equal(Enum.GetValues<Role>(), withPassword.Read<SignInResponse>().User.Roles);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task SignIn_OneCodeManyTimesAtOnce_OpensOneSession(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);

        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => host.SignInAsync("admin", host.AdminCode, $"a long password {i}")));

        Assert.Single(replies, reply => reply.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task SignIn_CodeAfterAnHour_IsRefused()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        host.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SignInAsync("admin", host.AdminCode, ApiHost.Password)).Status);
    }

    [Fact]
    public async Task SignIn_UnknownWrongDisabled_GiveTheSameAnswer()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();
        await host.UserAsync(admin, "anna", [Role.Viewer]);
        await host.UserAsync(admin, "bert", [Role.Viewer]);
        await host.SendAsync(HttpMethod.Post, "users/bert/disable", admin);

        var unknown = await host.SignInAsync("nobody", ApiHost.Password);
        var wrong = await host.SignInAsync("anna", "not the password");
        var disabled = await host.SignInAsync("bert", ApiHost.Password);
        var noName = await host.SignInAsync("no name at all \u2603", ApiHost.Password);
        var tooLong = await host.SignInAsync("anna", ApiHost.Password + new string('x', 500));

        Assert.Equal(HttpStatusCode.Unauthorized, unknown.Status);
        Assert.Equal(unknown, wrong);
        Assert.Equal(unknown, disabled);
        Assert.Equal(unknown, noName);
        Assert.Equal(unknown, tooLong);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task SignIn_HundredWrongTriesAtOnce_FewAreLookedAt(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);
        await host.AdminAsync();

        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => host.SignInAsync("admin", $"guess number {i}")));

        Assert.Equal(SignInGate.UserTriesFree, replies.Count(reply => reply.Status == HttpStatusCode.Unauthorized));
        Assert.Equal(100 - SignInGate.UserTriesFree, replies.Count(reply => reply.Status == HttpStatusCode.TooManyRequests));
        // Also the right one waits now.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await host.SignInAsync("admin", ApiHost.Password)).Status);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await host.SignInAsync("admin", ApiHost.Password)).Status);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task SignIn_ManyNamesFromOneAddress_IsLimitedByAddress(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);

        var replies = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => host.SignInAsync($"name{i}", "some password")));

        Assert.Equal(SignInGate.AddressTriesFree, replies.Count(reply => reply.Status == HttpStatusCode.Unauthorized));
        Assert.Equal(60 - SignInGate.AddressTriesFree, replies.Count(reply => reply.Status == HttpStatusCode.TooManyRequests));
    }

    [Fact]
    public async Task SignIn_EachFurtherWrongTry_DoublesTheWait()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        await host.AdminAsync();
        for (var i = 0; i < SignInGate.UserTriesFree; i++)
        {
            await host.SignInAsync("admin", "wrong password");
        }

        foreach (var seconds in new[] { 1, 2, 4, 8 })
        {
            host.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(10));
            Assert.Equal(HttpStatusCode.TooManyRequests, (await host.SignInAsync("admin", "wrong password")).Status);
            host.Time.Advance(TimeSpan.FromTicks(10));
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.SignInAsync("admin", "wrong password")).Status);
        }
        host.Time.Advance(SignInGate.ForgetAfter + TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SignInAsync("admin", "wrong password")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.SignInAsync("admin", ApiHost.Password)).Status);
    }

    [Theory]
    [InlineData(4, 5, 0)]
    [InlineData(5, 5, 1)]
    [InlineData(8, 5, 8)]
    [InlineData(100_000, 5, 900)]
    public void BackOff_Tries_DoublesUpToItsMost(int tries, int free, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), SignInGate.BackOff(tries, free));

    [Theory]
    [InlineData("192.0.2.7", "address:192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "address:192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "address:20010DB800010002")]
    [InlineData("2001:db8:1:2:ffff::1", "address:20010DB800010002")]
    public void KeyOf_OneHolder_IsOneKey(string address, string key) => Assert.Equal(key, CallerAddress.KeyOf(IPAddress.Parse(address)));

    [Fact]
    public async Task SignIn_NewPasswordWithTheOld_ChangesItAndEndsOtherSessions()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var before = await host.AdminAsync();

        var changed = await host.SignInAsync("admin", ApiHost.Password, "a quite new password");

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SendAsync(HttpMethod.Get, "auth/me", before)).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Get, "auth/me", changed.Read<SignInResponse>().Token)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SignInAsync("admin", ApiHost.Password)).Status);
    }

    [Fact]
    public async Task SignIn_MoreSessionsThanTheMost_EndsTheOldest()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var oldest = await host.AdminAsync();
        for (var i = 1; i < SignIn.SessionsMax; i++)
        {
            host.Time.Advance(TimeSpan.FromSeconds(1));
            await host.SignInAsync("admin", ApiHost.Password);
        }
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Get, "auth/me", oldest)).Status);

        await host.SignInAsync("admin", ApiHost.Password);

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SendAsync(HttpMethod.Get, "auth/me", oldest)).Status);
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task EnsureFirstUser_UntilSomebodySignedIn_GivesANewCodeEachTime(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);

        var second = await IdentitySetup.EnsureFirstUserAsync(host.Store, host.Time, solo: true, None);

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SignInAsync("admin", host.AdminCode, ApiHost.Password)).Status);
        var session = (await host.SignInAsync("admin", second!.Code, ApiHost.Password)).Read<SignInResponse>();
        Assert.Null(await IdentitySetup.EnsureFirstUserAsync(host.Store, host.Time, solo: true, None));
        Assert.Null(session.User.Groups);
        var modes = (await host.SendAsync(HttpMethod.Get, "ledger?action=server.solo", session.Token)).Read<Page<LedgerRow>>();
        Assert.Equal(["server.solo-on", "server.solo-off"], modes.Items.Select(row => row.Action));
    }

    [Fact]
    public async Task EnsureFirstUser_NewStore_HasNoPasswordAndTheDefaultGroup()
    {
        await using var store = await stores.CreateAsync("sqlite");

        var first = await IdentitySetup.EnsureFirstUserAsync(store, TimeProvider.System, solo: false, None);

        Assert.Equal(("admin", 23), (first!.User.Name, first.Code.Length));
        Assert.Equal(0, await store.ReadAsync(session => session.SingleOrDefaultAsync<int>("select count(*) from platform_user where password_hash is not null"), None));
        Assert.NotNull(await store.ReadAsync(session => session.FindGroupAsync(GroupNames.Default, Scope.All), None));
    }

    [Theory, MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task NewCode_ForWhoHasTheMachine_LetsTheUserInAgain(string engine)
    {
        await using var host = await ApiHost.StartAsync(stores, engine);
        await host.AdminAsync();

        var code = await IdentitySetup.NewCodeAsync(host.Store, host.Time, "admin", None);

        Assert.Equal(HttpStatusCode.OK, (await host.SignInAsync("admin", code!.Code, "a quite new password")).Status);
        Assert.Null(await IdentitySetup.NewCodeAsync(host.Store, host.Time, "nobody", None));
    }
}
