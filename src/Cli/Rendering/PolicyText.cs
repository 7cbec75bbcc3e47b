using System.Globalization;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Faults of a policy for people.</summary>
internal static class PolicyText
{
    public static void Write(CliConsole console, string file, PolicyCheckResult check)
    {
        foreach (var fault in check.Faults)
        {
            TextLines.Line(console, string.Create(CultureInfo.InvariantCulture, $"{file}:{fault.Line}:{fault.Column}: {fault.Path}: '{TextLines.Plain(fault.Value)}': {TextLines.Plain(fault.Remedy)}"));
        }
        if (check.Faults.Count == 0)
        {
            TextLines.Line(console, $"{file} is good.");
        }
    }
}
