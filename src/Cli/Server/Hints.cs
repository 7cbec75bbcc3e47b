using System.Text.RegularExpressions;

namespace Suture.Cli.Server;

/// <summary>Says in the server's answers what a person at the command line does next: the server names its routes, for programs.</summary>
internal static partial class Hints
{
    /// <summary>The text with each route replaced by the command that calls it; one that no command calls stays.</summary>
    public static string ForPeople(string text) => Route().Replace(
        text, match => Command(match.Groups["method"].Value, match.Groups["path"].Value.Split('/')) is { } command ? $"{Launcher.Name} {command}" : match.Value);

    private static string? Command(string method, string[] path) => (method, path) switch
    {
        ("GET", ["assets" or "fixes" or "groups" or "jobs" or "tokens" or "users"]) => path[0],
        ("GET", ["groups", var name, "approvers"]) => $"approvers show {name}",
        ("GET", ["feeds"]) => "status",
        ("GET", ["plans"]) => "plan list",
        ("GET", ["work", "failed"]) => "work",
        ("DELETE", ["tokens", var id]) => $"tokens revoke {id}",
        ("POST", ["tokens"]) => "tokens create",
        ("POST", ["work", "failed", var id, "retry"]) => $"work retry {id}",
        ("PUT", ["users", var name]) => $"users set {name}",
        ("POST", ["users", var name, "enable"]) => $"users enable {name}",
        ("POST", ["auth", "sign-in"]) => "sign-in",
        _ => null,
    };

    [GeneratedRegex("(?<method>GET|POST|PUT|DELETE) /api/v1/(?<path>[A-Za-z0-9_./-]*[A-Za-z0-9_-])")]
    private static partial Regex Route();
}
