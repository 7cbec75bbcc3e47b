using System.Globalization;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Assets for people.</summary>
internal static class AssetsText
{
    public static void Write(CliConsole console, IReadOnlyList<AssetRow> rows)
    {
        var listing = new Listing(
            new Column("RISK/DAY") { IsNumber = true }, new Column("ASSET"), new Column("ENVIRONMENT"), new Column("OPEN") { IsNumber = true }, new Column("GROUP") { Below = group => $"group {group}" },
            new Column("LAST REPORT") { Below = at => $"last report {at}" }, new Column("SYSTEM") { Below = system => system });
        var names = rows.GroupBy(row => row.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            listing.Add(
                [
                    TextLines.Risk(row.RiskPerDay), row.Name, row.Environment, row.Findings.Values.Sum().ToString(CultureInfo.InvariantCulture), row.Group,
                    row.LastReportUtc is { } at ? TextLines.Instant(at) : "never", row.OperatingSystem ?? "system unknown",
                ],
                [.. States(row), names.Contains(row.Name) ? $"id {row.Id}" : null]);
        }
        listing.Write(console, $"No asset in your scope. Let one join: {Launcher.Name} invite --environment ENVIRONMENT");
    }

    /// <summary>What is special about an asset's state; empty for one that reports and may be changed.</summary>
    public static IEnumerable<string> States(AssetRow row)
    {
        if (row.State != AssetState.Active)
        {
            yield return row.State.ToString().ToLowerInvariant();
        }
        if (row.IsSilent)
        {
            yield return "silent: what is known of it may no longer hold";
        }
        if (row.ObservedOnly)
        {
            yield return "observed only: it refuses every change";
        }
    }
}
