using Microsoft.AspNetCore.Builder;

namespace Suture.Platform.Identity;

/// <summary>Keeps what is the whole installation's (its policy, its feeds, its work) from callers whose scope is a part of it.</summary>
public static class WholeScope
{
    /// <summary>Lets only callers with all groups through; the others get 403, before the request's body is looked at. Beside <see cref="RouteRights.RequireRole"/>, which states the role.</summary>
    /// <param name="builder">The route or the group.</param>
    /// <param name="what">What belongs to no single group, as a sentence begins: <c>The policy</c>.</param>
    /// <typeparam name="TBuilder">Route or group.</typeparam>
    public static TBuilder RequireAllGroups<TBuilder>(this TBuilder builder, string what)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.Add(endpoint => endpoint.Metadata.Add(new RequiredWholeScope(what)));
        return builder;
    }
}

/// <summary>Route metadata: all groups.</summary>
/// <param name="What">What belongs to no single group.</param>
internal sealed record RequiredWholeScope(string What)
{
    /// <summary>Why a caller with a part of the groups is refused.</summary>
    public string Detail => $"{What} belongs to the whole installation and your scope is a part of it. Ask somebody with all groups.";
}
