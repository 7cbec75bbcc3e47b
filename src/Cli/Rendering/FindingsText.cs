using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Findings for people.</summary>
internal static class FindingsText
{
    public static void Write(CliConsole console, IReadOnlyList<Finding> rows)
    {
        var listing = new Listing(
            new Column("RISK/DAY") { IsNumber = true }, new Column("VULNERABILITY"), new Column("ASSET"), new Column("PACKAGE"), new Column("DUE") { Below = due => due == "-" ? "" : $"due {due}" },
            new Column("INSTALLED") { Below = version => $"installed {version}" }, new Column("FIXED IN") { Below = version => $"fixed in {version}" });
        foreach (var row in rows)
        {
            listing.Add(
                [
                    TextLines.Risk(row.Risk?.PerDay ?? 0), row.Vulnerability, row.AssetName ?? "-", row.Package, FixesText.Due(row.Deadline), row.InstalledVersion, row.FixedVersion,
                ],
                [State(row)], isCritical: row.Risk?.IsCritical == true);
        }
        listing.Write(console, "No finding.");
    }

    /// <summary>State in words; null for one that is simply affected.</summary>
    public static string? State(Finding finding) => finding.Status switch
    {
        FindingStatus.Affected => null,
        FindingStatus.PendingEffect => $"pending effect: {finding.Action}",
        FindingStatus.NotAffected => "not affected",
        var status => status.ToString().ToLowerInvariant(),
    };
}
