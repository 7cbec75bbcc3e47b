using System.CommandLine;

namespace Suture.Cli.Commands;

/// <summary>Options that several commands take.</summary>
internal static class SharedOptions
{
    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON for programs instead of a table for people." };
}
