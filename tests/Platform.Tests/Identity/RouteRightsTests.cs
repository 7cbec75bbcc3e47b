using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Platform.Identity;
using Suture.Tests.Api;

namespace Suture.Tests.Identity;

public sealed class RouteRightsTests(StoreFixture stores)
{
    [Fact]
    public async Task Routes_OfThePlatform_AllStateWhoMayCall()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");

        var anonymous = host.Routes.Where(route => RouteRights.AccessOf(route) == RouteAccess.Anonymous).Select(route => route.RoutePattern.RawText);

        Assert.DoesNotContain(host.Routes, route => RouteRights.AccessOf(route) == RouteAccess.Nobody);
        Assert.Equal(["/api/v1/auth/sign-in"], anonymous);
    }

    [Fact]
    public async Task Routes_WithoutAStatement_RefuseEverybody()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite", routes => routes.MapGet("/forgotten", () => "reached"));

        var asAdmin = await host.SendAsync(HttpMethod.Get, "/forgotten", await host.AdminAsync());
        var asNobody = await host.SendAsync(HttpMethod.Get, "/forgotten", null);

        Assert.Equal(HttpStatusCode.Forbidden, asAdmin.Status);
        Assert.Equal(HttpStatusCode.Unauthorized, asNobody.Status);
        asAdmin.Problem();
        asNobody.Problem();
        Assert.Equal(RouteAccess.Nobody, RouteRights.AccessOf(host.Routes.Single(route => route.RoutePattern.RawText == "/forgotten")));
    }

    [Fact]
    public async Task Routes_OfThePlatform_RefuseCallersWithoutAToken()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite");

        foreach (var route in host.Routes.Where(route => RouteRights.AccessOf(route) != RouteAccess.Anonymous))
        {
            var path = route.RoutePattern.RawText!.Replace("{id:guid}", Guid.Empty.ToString(), StringComparison.Ordinal).Replace("{name}", "admin", StringComparison.Ordinal);
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)
            {
                var reply = await host.SendAsync(new HttpMethod(method), path, null);
                Assert.True(reply.Status == HttpStatusCode.Unauthorized, $"{method} {path} answers {reply.Status}");
            }
        }
    }

    [Fact]
    public async Task RequireRole_OnGroupAndRoute_WantsBoth()
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite", routes =>
            routes.MapGroup("/g").RequireRole(Role.Operator, Role.Approver).MapGet("", () => "reached").RequireRole(Role.Approver));
        var admin = await host.AdminAsync();

        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Get, "/g", await host.UserAsync(admin, "approver", [Role.Approver]))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Get, "/g", await host.UserAsync(admin, "operator", [Role.Operator]))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Get, "/g", await host.UserAsync(admin, "auditor", [Role.Auditor]))).Status);
    }

    [Theory]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.Unauthorized)]
    public async Task RequireGuard_OnARoute_DecidesOnEachCall(bool allows, HttpStatusCode wanted)
    {
        await using var host = await ApiHost.StartAsync(stores, "sqlite", routes => routes.MapGet("/guarded", () => "reached").RequireGuard(new Guard(allows)));

        Assert.Equal(wanted, (await host.SendAsync(HttpMethod.Get, "/guarded", null)).Status);
    }

    private sealed class Guard(bool allows) : IRouteGuard
    {
        public ValueTask<bool> AllowsAsync(HttpContext context) => ValueTask.FromResult(allows);
    }
}
