using System.CommandLine;
using Suture.Cli.Server;

namespace Suture.Cli.Commands;

/// <summary>Options that several commands take.</summary>
internal static class SharedOptions
{
    private const int LimitDefault = 40;

    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON for programs instead of a table for people." };

    /// <summary><c>--server</c>.</summary>
    public static Option<string?> Server() => new("--server") { Description = $"Address of the server; default is the one signed in on, else {ServerSession.LocalServer}" };

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
