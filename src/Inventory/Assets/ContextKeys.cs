namespace Suture.Inventory.Assets;

/// <summary>What a person may state of an asset, and which values each key takes.</summary>
internal static class ContextKeys
{
    public const string Environment = "environment";
    public const string Group = "group";
    public const string OperatingSystem = "os";
    public const string Listening = "listening";

    public static readonly IReadOnlySet<string> Environments = new HashSet<string>(StringComparer.Ordinal) { "production", "staging", "test", "development" };

    private static readonly IReadOnlySet<string> Levels = new HashSet<string>(StringComparer.Ordinal) { "1", "2", "3", "4", "5" };
    private static readonly IReadOnlySet<string> YesOrNo = new HashSet<string>(StringComparer.Ordinal) { "yes", "no" };

    /// <summary>True for production, and for what is no environment known here.</summary>
    public static bool CountsAsProduction(string environment) => environment == "production" || !Environments.Contains(environment);

    /// <summary>Says what is wrong with a wish; null when nothing is.</summary>
    public static string? Fault(string key, string value) => key switch
    {
        Environment => OneOf(key, value, Environments),
        "criticality" or "sensitivity" => OneOf(key, value, Levels),
        "internet-facing" => OneOf(key, value, YesOrNo),
        "owner" or "service" or Group => IsLine(value)
            ? null
            : $"The value of '{key}' is empty, too long or holds control characters; wanted one line of at most {InventoryLimits.ContextValueLengthMax} characters.",
        _ => "The key is not one a person states; wanted one of environment, criticality, sensitivity, internet-facing, owner, service, group.",
    };

    private static bool IsLine(string value) => !string.IsNullOrWhiteSpace(value) && Grammar.IsText(value, InventoryLimits.ContextValueLengthMax);

    private static string? OneOf(string key, string value, IReadOnlySet<string> wanted) =>
        wanted.Contains(value)
            ? null
            : $"The value of '{key}' is '{(IsLine(value) ? value : "not one line of text")}'; wanted one of {string.Join(", ", wanted)}.";
}
