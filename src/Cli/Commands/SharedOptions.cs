using System.CommandLine;
using Suture.Cli.Server;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary>Options that several commands take.</summary>
internal static class SharedOptions
{
    private const int LimitDefault = 40;

    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON for programs instead of a table for people." };

    /// <summary><c>--server</c>.</summary>
    public static Option<string?> Server() => new("--server") { Description = $"Address of the server; default is the one signed in on, else {ServerSession.LocalServer}" };

    /// <summary><c>--environment</c>.</summary>
    public static Option<string?> Environment() => new("--environment") { Description = "Only where assets of this environment are concerned." };

    /// <summary><c>--kev</c>.</summary>
    public static Option<bool> Kev() => new("--kev") { Description = "Only what is in CISA's KEV catalogue." };

    /// <summary><c>--critical</c>.</summary>
    public static Option<bool> Critical() => new("--critical") { Description = "Only what is critical: in KEV, due within 3 days, EPSS percentile at least 95, or CVSS at least 9." };

    /// <summary><c>--asset</c>.</summary>
    public static Option<string?> Asset() => new("--asset") { Description = "Only of this asset (name or id)." };

    /// <summary>Id of the asset that <c>--asset</c> names; null when it was not given.</summary>
    public static async Task<string?> AssetIdAsync(ApiClient client, string? given, CancellationToken cancellation) =>
        given is null ? null : (await Find.AssetAsync(client, given, cancellation)).Id.ToString();

    /// <summary>The asset that a command is about.</summary>
    public static Argument<string> AssetArgument() => new("asset") { Description = "Host name or id of the asset." };

    /// <summary>The fix that a command is about.</summary>
    public static Argument<string> FixArgument() => new("fix") { Description = $"Key of the fix as '{Launcher.Name} fixes' shows it, or the source package where only one fix is of it." };

    /// <summary><c>--role</c>, once for each.</summary>
    public static Option<Role[]> Roles() => new("--role") { Description = "viewer, analyst, operator, approver, admin or auditor; once for each.", Required = true };

    /// <summary><c>--group</c>, once for each.</summary>
    public static Option<string[]> Groups() => new("--group") { Description = "Group in scope, once for each; without it all that you have." };

    /// <summary>Groups as the server wants them: null for all.</summary>
    public static IReadOnlyList<string>? GivenGroups(string[]? groups) => groups is { Length: > 0 } ? groups : null;

    /// <summary><c>--limit</c>: rows of a list.</summary>
    public static Option<int> Limit()
    {
        var limit = new Option<int>("--limit") { Description = "Rows at the most.", DefaultValueFactory = _ => LimitDefault };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > ApiClient.RowsMax)
            {
                result.AddError($"--limit is {result.GetValueOrDefault<int>()}; wanted is 1 to {ApiClient.RowsMax}.");
            }
        });
        return limit;
    }
}
