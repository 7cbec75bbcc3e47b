using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>compliance</c>: how well deadlines are kept.</summary>
internal static class ComplianceCommand
{
    public static Command Create(CliConsole console)
    {
        var csv = new Option<bool>("--csv") { Description = "Print every asset and rule as CSV." };
        var command = new ServerCommand(console, "compliance", "Deadlines kept and missed by asset and rule, and how long remediation takes.", csv);
        return command.Does(async (parsed, client, cancellation) =>
        {
            if (parsed.GetValue(csv))
            {
                await console.Out.WriteAsync(await client.GetTextAsync("compliance.csv", cancellation));
                return Exit.Done;
            }
            var summary = await client.GetAsync("compliance", ContractsJson.Default.ComplianceSummary, cancellation);
            var assets = await client.ListAsync("compliance/assets", ContractsJson.Default.PageAssetCompliance, ApiClient.RowsMax, cancellation);
            return await command.PrintAsync(
                parsed, new ComplianceLook { Summary = summary, Assets = assets.Items }, CliJson.Default.ComplianceLook, look => ComplianceText.Write(console, look));
        });
    }
}

/// <summary>What <c>compliance --json</c> prints.</summary>
internal sealed record ComplianceLook
{
    /// <summary>Figures of the scope.</summary>
    public required ComplianceSummary Summary { get; init; }

    /// <summary>Its assets with their rules, by name.</summary>
    public required IReadOnlyList<AssetCompliance> Assets { get; init; }
}
