namespace Suture.Fuzz;

/// <summary>All targets.</summary>
internal static class Targets
{
    /// <summary>Ordered by who reaches them; names are unique.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } = [.. ServerTargets.All, .. EndpointTargets.All, .. FeedTargets.All, .. PersonTargets.All];
}
