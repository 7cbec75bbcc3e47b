using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary><c>compliance</c>: how well deadlines are kept.</summary>
internal static class ComplianceCommand
{
    public static Command Create(CliConsole console)
    {
        var csv = new Option<bool>("--csv") { Description = "Print every asset as CSV." };
        var command = new ServerCommand(console, "compliance", "Deadlines kept and missed by asset, and how long remediation takes.", csv);
        return command.Does(async (parsed, client, cancellation) =>
        {
            if (parsed.GetValue(csv))
            {
                await console.Out.WriteAsync(await client.GetTextAsync("compliance.csv", cancellation));
                return Exit.Done;
            }
            return await command.PrintAsync(
                parsed, await client.GetAsync("compliance", ContractsJson.Default.ComplianceSummary, cancellation), ContractsJson.Default.ComplianceSummary,
                summary => ComplianceText.Write(console, summary));
        });
    }
}
