using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Suture.Inventory.Certificates;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Inventory;

/// <summary>Marks a route as one of the agents' port; what it asks of the certificate, the route's own wrapper decides, with the reason in its answer.</summary>
internal sealed class AgentRouteMetadata : IRouteGuard
{
    public ValueTask<bool> AllowsAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<AgentConnection>() is not null);
}

/// <summary>Keeps agent routes on the agents' port and every other route off it.</summary>
/// <remarks>The checks wrap the route itself, after routing and before its body is read; no form of the path goes around them.</remarks>
public static class AgentRoutes
{
    /// <summary>Lets only the agent's own, valid certificate through; then <c>HttpContext.GetAgent()</c> says who it is.</summary>
    /// <param name="builder">Route or group of routes.</param>
    /// <typeparam name="TBuilder">Route or group.</typeparam>
    public static TBuilder RequireAgent<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        OnAgentPort(builder, static (context, next) => AdmitAsync(context, next, AgentAdmission.Wanted.Active));

    /// <summary>As <see cref="RequireAgent"/>, for the report: a quarantined agent is let through to be told so.</summary>
    internal static TBuilder RequireReportingAgent<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        OnAgentPort(builder, static (context, next) => AdmitAsync(context, next, AgentAdmission.Wanted.ActiveOrQuarantined));

    /// <summary>As <see cref="RequireAgent"/>, for renewal: the certificate may have ended within the grace.</summary>
    internal static TBuilder RequireRenewingAgent<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        OnAgentPort(builder, static (context, next) => AdmitAsync(context, next, AgentAdmission.Wanted.ActiveOrExpired));

    /// <summary>A route of the agents' port that asks for no certificate: enrolment, and nothing else.</summary>
    internal static TBuilder AllowUnenrolled<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        OnAgentPort(builder, static (context, next) => next(context));

    /// <summary>Keeps the ports apart, right after routing and before anything else: <c>app.UseRouting(); app.UseAgentPort(); app.UsePlatform();</c>. On the
    /// agents' port all that is no agent route (pages, API, files, unknown paths) is 404, and agent routes are 404 on every other. What an agent sends
    /// beyond its share is refused here, before anything of it is read.</summary>
    /// <param name="app">The application.</param>
    /// <typeparam name="TApp">The application.</typeparam>
    public static TApp UseAgentPort<TApp>(this TApp app)
        where TApp : IApplicationBuilder
    {
        var limits = app.ApplicationServices.GetRequiredService<LimitAgents>();
        app.Use((HttpContext context, RequestDelegate next) => (context.Features.Get<AgentConnection>(), IsAgentRoute(context.GetEndpoint())) switch
        {
            ({ } connection, true) => limits.RunAsync(context, connection, next),
            (null, false) => next(context),
            _ => NotFound(context),
        });
        return app;
    }

    private static bool IsAgentPort(HttpContext context) => context.Features.Get<AgentConnection>() is not null;

    private static bool IsAgentRoute(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<AgentRouteMetadata>() is not null;

    private static TBuilder OnAgentPort<TBuilder>(TBuilder builder, Func<HttpContext, RequestDelegate, Task> admit)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Finally(endpoint =>
        {
            var next = endpoint.RequestDelegate ?? throw new InvalidOperationException($"Route {endpoint.DisplayName} has nothing to run.");
            endpoint.RequestDelegate = context => IsAgentPort(context) ? admit(context, next) : NotFound(context);
        });
        // Certificates take the place of the API's sign-in here.
        return builder.RequireGuard(new AgentRouteMetadata());
    }

    private static async Task AdmitAsync(HttpContext context, RequestDelegate next, AgentAdmission.Wanted wanted)
    {
        var admission = context.RequestServices.GetRequiredService<AgentAdmission>();
        var verdict = await admission.DecideAsync(context.Features.Get<AgentConnection>()!, wanted, context.RequestAborted);
        if (verdict.Caller is null)
        {
            await Refusal(verdict).ExecuteAsync(context);
            return;
        }
        context.Features.Set(verdict.Caller);
        await next(context);
    }

    private static IResult Refusal(AgentAdmission.Verdict verdict) =>
        Problems.Of(verdict.Status, "This agent may not do this", verdict.Detail);

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
