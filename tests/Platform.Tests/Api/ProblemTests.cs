using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Contracts.Enrollment;
using Suture.Platform.Identity;
using Suture.Platform.Storage;

namespace Suture.Tests.Api;

public sealed class ProblemTests(StoreFixture stores)
{
    [Theory]
    [InlineData("{\"userName\":\"a\",\"secret\":\"b\",\"sekret\":\"c\"}", "The member 'sekret' is not known here")]
    [InlineData("{\"userName\":\"a\"}", "Required members are missing: 'secret'")]
    [InlineData("{\"userName\":\"a\",\"userName\":\"b\",\"secret\":\"c\"}", "The member 'userName' is given twice")]
    [InlineData("{\"userName\":5,\"secret\":\"c\"}", "at $.userName, line 1")]
    [InlineData("{\"userName\":null,\"secret\":\"c\"}", "userName")]
    [InlineData("{\"userName\":", "line 1")]
    [InlineData("[]", "at $, line 1")]
    public async Task Post_BadJson_SaysWhatIsWrongAndWhere(string json, string wanted)
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");

        var reply = await host.SendTextAsync(HttpMethod.Post, "auth/sign-in", null, json);

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(wanted, reply.Problem().Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Suture.", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_EnumAsNumberOrUnknownWord_IsRefused()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();

        var number = await host.SendTextAsync(HttpMethod.Post, "users", admin, "{\"name\":\"x\",\"roles\":[5]}");
        var word = await host.SendTextAsync(HttpMethod.Post, "users", admin, "{\"name\":\"x\",\"roles\":[\"king\"]}");

        Assert.Contains("$.roles[0]", number.Problem().Detail, StringComparison.Ordinal);
        Assert.Contains("$.roles[0]", word.Problem().Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_TextWithNul_IsRefusedNotStored()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");
        var admin = await host.AdminAsync();

        var reply = await host.SendTextAsync(HttpMethod.Post, "tokens", admin, "{\"name\":\"a\\u0000b\",\"roles\":[\"viewer\"],\"days\":1}");

        Assert.Contains("U+0000", reply.Problem().Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_BodyOverTheLimit_Is413()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");

        var reply = await host.SendTextAsync(HttpMethod.Post, "auth/sign-in", null, $"{{\"userName\":\"a\",\"secret\":\"{new string('x', 1024 * 1024)}\"}}");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, reply.Status);
        Assert.Equal("The body is too large", reply.Problem().Title);
    }

    [Theory]
    [InlineData("/api/v1/nothing-here", 404)]
    [InlineData("/", 404)]
    [InlineData("/api/v1/auth/sign-in", 405)]
    [InlineData("/api/v1/users", 401)]
    public async Task Get_NotThereOrNotAllowed_IsAProblem(string path, int status)
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");

        var reply = await host.SendAsync(HttpMethod.Get, path, null);

        Assert.Equal(status, (int)reply.Status);
        reply.Problem();
    }

    [Theory]
    [InlineData("limit=many", "limit is 'many', wanted a whole number")]
    [InlineData("limit=", "limit is '', wanted a whole number")]
    [InlineData("limit=0", "limit is 0, wanted 1 to 1000")]
    [InlineData("limit=1001", "limit is 1001, wanted 1 to 1000")]
    [InlineData("bogus=1", "'bogus' is no parameter of GET /api/v1/ledger, which takes action, after, limit, subject")]
    [InlineData("Subjekt=x&limit=5", "'Subjekt' is no parameter")]
    public async Task Get_FaultyQuery_NamesTheParameterAsTheApiDoes(string query, string wanted)
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");

        var reply = await host.SendAsync(HttpMethod.Get, "ledger?" + query, await host.AdminAsync());

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(wanted, reply.Problem().Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flag=maybe", "flag is 'maybe', wanted true or false")]
    [InlineData("asset=7", "asset is '7', wanted an id")]
    [InlineData("day=x", "day is 'x', wanted another kind of value")]
    [InlineData("", "count is missing")]
    public async Task Get_FaultyValue_SpeaksNoLanguageOfOurs(string query, string wanted)
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite", routes => routes.MapGet("/q", ([AsParameters] Query _) => "reached").RequireRole(Role.Admin));

        var reply = await host.SendAsync(HttpMethod.Get, "/q?" + query, await host.AdminAsync());

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains(wanted, reply.Problem().Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Nullable", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_OfEveryKindOfParameter_IsKnownAndNothingElseIs()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite", routes =>
            routes.MapGet("/q/{id:guid}", (Guid id, [AsParameters] Query query, HttpContext http, TimeProvider time, CancellationToken cancellation) => "reached").RequireRole(Role.Admin));
        var admin = await host.AdminAsync();
        var path = $"/q/{Guid.Empty}";

        var all = await host.SendAsync(HttpMethod.Get, path + $"?count=1&flag=true&asset={Guid.Empty}&day=2026-01-01&name=x&NAME=x", admin);
        foreach (var name in (string[])["id", "http", "time", "cancellation", "query", "Text", "request"])
        {
            var refused = await host.SendAsync(HttpMethod.Get, path + $"?count=1&{name}=1", admin);
            Assert.Contains($"'{name}' is no parameter", refused.Problem().Detail, StringComparison.Ordinal);
        }

        Assert.True(all.Status == HttpStatusCode.OK, all.Text);
    }

    [Fact]
    public async Task Post_WithoutABody_SaysThatOneIsWanted()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");

        var reply = await host.SendAsync(HttpMethod.Post, "auth/sign-in", null);

        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.Contains("Send a JSON body", reply.Problem().Detail, StringComparison.Ordinal);
    }

    internal sealed record Query
    {
        [FromQuery(Name = "flag")]
        public bool? Flag { get; init; }

        [FromQuery(Name = "asset")]
        public Guid? Asset { get; init; }

        [FromQuery(Name = "day")]
        public DateOnly? Day { get; init; }

        [FromQuery(Name = "name")]
        public string? Text { get; init; }

        [FromQuery(Name = "count")]
        public int Count { get; init; }
    }

    [Fact]
    public async Task Post_NotJson_Is415()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");

        using var response = await host.Client.PostAsync("/api/v1/auth/sign-in", new StringContent("userName=a", null, "application/x-www-form-urlencoded"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Get_EndpointThrows_GivesNoTrace()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite", routes =>
            routes.MapGet("/boom", IResult () => throw new InvalidTimeZoneException("the secret of the house")).RequireRole(Role.Admin));

        var reply = await host.SendAsync(HttpMethod.Get, "/boom", await host.AdminAsync());

        Assert.Equal(HttpStatusCode.InternalServerError, reply.Status);
        Assert.Contains("trace id", reply.Problem().Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret of the house", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_RowChangedMeanwhile_Is409()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite", routes =>
            routes.MapGet("/stale", IResult () => throw new StaleRowException("Plan 7")).RequireRole(Role.Admin));

        var reply = await host.SendAsync(HttpMethod.Get, "/stale", await host.AdminAsync());

        Assert.Equal(HttpStatusCode.Conflict, reply.Status);
        Assert.StartsWith("Plan 7 was changed", reply.Problem().Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_AgentMessageWithUnknownMember_IsRead()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite", routes => routes.MapPost("/renew", (RenewRequest _) => Results.NoContent()).AllowAnonymous());

        // Agents of a later release may say more than this server knows.
        var reply = await host.SendTextAsync(HttpMethod.Post, "/renew", null, "{\"certificateRequest\":\"x\",\"laterMember\":1}");

        Assert.True(reply.Status == HttpStatusCode.NoContent, reply.Text);
    }
}
