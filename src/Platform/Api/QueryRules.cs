using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Suture.Platform.Identity;

namespace Suture.Platform.Api;

/// <summary>What every route of the API asks of a query, in one place: only names that the route knows, so that a misspelt filter is not an answer to everything;
/// and a <c>limit</c> within the bounds of a page.</summary>
internal static class QueryRules
{
    /// <summary>Unknown names told in one refusal.</summary>
    internal const int NamedMax = 5;

    /// <summary>Characters told of an unknown name.</summary>
    internal const int NameShownMax = 64;

    private const string Limit = "limit";

    /// <summary>Refuses the call, or lets it through to its endpoint.</summary>
    internal static Task CheckAsync(HttpContext context, RequestDelegate next) =>
        context.Request.Query.Count > 0 && context.GetEndpoint() is RouteEndpoint route && RouteRights.AccessOf(route) != RouteAccess.Guarded && FaultOf(context, route) is { } fault
            ? fault.ExecuteAsync(context)
            : next(context);

    /// <summary>Names that a route reads from its query, as the API writes them, ordered.</summary>
    internal static IReadOnlyList<string> NamesOf(RouteEndpoint route) =>
        [.. BindingsOf(route).Where(binding => IsOfQuery(binding, route)).Select(NameOf).Order(StringComparer.Ordinal)];

    /// <summary>What a parameter of our code is called in the API; null when the route has none of that name.</summary>
    internal static IParameterBindingMetadata? Find(Endpoint? route, string parameter) =>
        route is null ? null : BindingsOf(route).FirstOrDefault(binding => binding.ParameterInfo.Name == parameter);

    /// <summary>Name of a parameter in the API.</summary>
    internal static string NameOf(IParameterBindingMetadata binding) => Stated(binding)?.Name ?? binding.Name;

    private static IFromQueryMetadata? Stated(IParameterBindingMetadata binding) => binding.ParameterInfo.GetCustomAttributes(true).OfType<IFromQueryMetadata>().FirstOrDefault();

    private static IEnumerable<IParameterBindingMetadata> BindingsOf(Endpoint route) => route.Metadata.GetOrderedMetadata<IParameterBindingMetadata>();

    private static bool IsOfQuery(IParameterBindingMetadata binding, RouteEndpoint route) =>
        (binding.HasTryParse || Stated(binding) is not null || binding.ParameterInfo.ParameterType == typeof(string))
        && route.RoutePattern.Parameters.All(part => !string.Equals(part.Name, binding.Name, StringComparison.OrdinalIgnoreCase));

    private static IResult? FaultOf(HttpContext context, RouteEndpoint route)
    {
        var known = NamesOf(route);
        var query = context.Request.Query;
        var unknown = query.Keys.Where(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase)).ToList();
        if (unknown.Count > 0)
        {
            var named = string.Join(", ", unknown.Take(NamedMax).Select(name => $"'{(name.Length <= NameShownMax ? name : name[..NameShownMax] + "...")}'"));
            var takes = known.Count == 0 ? "takes none" : $"takes {string.Join(", ", known)}";
            return Problems.BadRequest(
                "The query has a parameter that is not known",
                $"{named} is no parameter of {context.Request.Method} {context.Request.Path}, which {takes}. Check the spelling, or leave it out.");
        }
        return known.Contains(Limit) && int.TryParse(query[Limit], NumberStyles.Integer, CultureInfo.InvariantCulture, out var limit) && limit is < 1 or > Paging.LimitMax
            ? Problems.BadRequest("The limit is out of bounds", $"limit is {limit}, wanted 1 to {Paging.LimitMax}. Leave it out for {Paging.LimitDefault}.")
            : null;
    }
}
