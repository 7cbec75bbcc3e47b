namespace Suture.Remediation.Policies;

/// <summary>What a policy is asked about: one fix on one asset.</summary>
internal sealed record PolicyQuestion
{
    /// <summary>Environment of the asset, lower case; an unknown one is <see cref="EvaluatePolicy.Production"/>.</summary>
    public required string Environment { get; init; }

    public required string Group { get; init; }

    public required string Source { get; init; }

    public required bool IsCritical { get; init; }

    public required bool IsUnrated { get; init; }

    public required bool InKev { get; init; }

    /// <summary>Days of the shortest deadline; null when no finding has one in days.</summary>
    public int? DeadlineDays { get; init; }
}

/// <summary>Asks a policy. Pure.</summary>
internal static class EvaluatePolicy
{
    public const string Production = "production";

    /// <summary>The first rule that matches; null when none does: the fix stays in the queue for a person.</summary>
    public static PolicyRule? Of(Policy policy, PolicyQuestion question) => policy.Rules.FirstOrDefault(rule => Matches(rule.When, question));

    /// <summary>The environment as policies compare it. What is not known is treated as production, the most careful case.</summary>
    public static string Environment(string? stated) => string.IsNullOrWhiteSpace(stated) ? Production : stated.Trim().ToLowerInvariant();

    private static bool Matches(PolicyCondition when, PolicyQuestion question) =>
        (when.Environments is null || when.Environments.Contains(question.Environment) != when.EnvironmentsExcluded)
        && (when.Critical is null || when.Critical == question.IsCritical)
        && (when.Unrated is null || when.Unrated == question.IsUnrated)
        && (when.Kev is null || when.Kev == question.InKev)
        && (when.DeadlineDaysAtMost is null || question.DeadlineDays <= when.DeadlineDaysAtMost)
        && (when.Sources is null || when.Sources.Contains(question.Source))
        && (when.Groups is null || when.Groups.Contains(question.Group));
}
