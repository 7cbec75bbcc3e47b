using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>fixes show FIX</c>: one fix with its findings, assets, plan and comments.</summary>
internal static class FixShowCommand
{
    /// <summary>Findings read of one fix.</summary>
    private const int FindingsMax = 1_000;

    public static Command Create(CliConsole console)
    {
        var fix = SharedOptions.FixArgument();
        var command = new ServerCommand(console, "show", "One fix: what it closes and why, where, whose turn it is, its plan, and what was said.", fix);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var key = await Find.FixKeyAsync(client, parsed.GetRequiredValue(fix), cancellation);
            var detail = await client.GetAsync(Path(key), ContractsJson.Default.FixDetail, cancellation);
            var assets = detail.Assets.Select(asset => asset.Asset).ToHashSet();
            var ofSource = await client.ListAsync(Query.Of("findings", ("source", detail.Fix.Source)), ContractsJson.Default.PageFinding, FindingsMax, cancellation);
            var look = new FixLook { Fix = detail, Findings = [.. ofSource.Items.Where(finding => finding.Asset is { } asset && assets.Contains(asset))], IsWhole = ofSource.Next is null };
            return await command.PrintAsync(parsed, look, CliJson.Default.FixLook, shown => FixText.Write(console, shown));
        });
    }

    /// <summary>Path of a fix; its key holds slashes and travels as one segment.</summary>
    internal static string Path(string key) => $"fixes/{Uri.EscapeDataString(key)}";
}

/// <summary>One fix with the findings that it closes.</summary>
internal sealed record FixLook
{
    /// <summary>The fix with its assets and comments.</summary>
    public required FixDetail Fix { get; init; }

    /// <summary>Findings it closes, highest risk first.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>False when there are more findings than are read at once.</summary>
    public required bool IsWhole { get; init; }
}
