using System.Globalization;
using Suture.Contracts.Api;

namespace Suture.Knowledge.Risk;

/// <summary>How much the asset weighs: stated policy, not learned. Unknown takes the worse value, marked as assumed; unknown criticality and sensitivity take the middle one.</summary>
internal static class AssetFactors
{
    private const int MiddleLevel = 3;

    private static readonly double[] criticality = [0.5, 0.75, 1.0, 1.5, 2.5];
    private static readonly double[] sensitivity = [0.8, 0.9, 1.0, 1.25, 1.5];

    /// <summary>All six factors, always in the same order.</summary>
    public static IReadOnlyList<RiskFactor> Of(RankContext context) =>
    [
        EnvironmentFactor(context.Environment),
        Level("criticality", "Business criticality", context.Criticality, criticality),
        Level("sensitivity", "Data sensitivity", context.Sensitivity, sensitivity),
        Fact("internet-facing", context.IsInternetFacing, "Reachable from the internet", "Not reachable from the internet", 3.0, 1.0),
        Fact("listening", context.IsListening, "The package listens on the network", "The package does not listen on the network", 2.0, 1.0),
        Fact("in-use", context.IsInUse, "A running process uses the package", "No running process uses the package", 1.0, 0.5),
    ];

    private static RiskFactor EnvironmentFactor(string? environment)
    {
        double? known = environment?.ToLowerInvariant() switch
        {
            "production" => 1.5,
            "staging" => 0.75,
            "test" or "development" => 0.5,
            _ => null,
        };
        var text = environment is null ? "Environment not known, taken as production"
            : known is null ? $"Environment {environment}, which has no stated weight, taken as production"
            : $"Environment {environment}";
        return new RiskFactor { Name = "environment", Text = text, Multiplier = known ?? 1.5, IsAssumed = known is null };
    }

    private static RiskFactor Level(string name, string what, int? level, double[] multipliers)
    {
        var taken = Math.Clamp(level ?? MiddleLevel, 1, multipliers.Length);
        var text = level is null
            ? string.Create(CultureInfo.InvariantCulture, $"{what} not known, taken as {taken} of {multipliers.Length}")
            : string.Create(CultureInfo.InvariantCulture, $"{what} {taken} of {multipliers.Length}");
        return new RiskFactor { Name = name, Text = text, Multiplier = multipliers[taken - 1], IsAssumed = level is null };
    }

    private static RiskFactor Fact(string name, bool? fact, string yes, string no, double ifYes, double ifNo) => new()
    {
        Name = name,
        Text = fact switch { true => yes, false => no, null => $"Not known, taken as: {yes.ToLowerInvariant()}" },
        Multiplier = fact == false ? ifNo : ifYes,
        IsAssumed = fact is null,
    };
}
