using System.Globalization;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Groups for people.</summary>
internal static class GroupsText
{
    public static void Write(CliConsole console, IReadOnlyList<GroupRow> rows)
    {
        var listing = rows.Any(row => row.Assets is not null) ? new Listing(new Column("GROUP"), new Column("ASSETS") { IsNumber = true }) : new Listing(new Column("GROUP"));
        foreach (var row in rows)
        {
            listing.Add(rows.Any(other => other.Assets is not null) ? [row.Name, row.Assets?.ToString(CultureInfo.InvariantCulture) ?? "-"] : [row.Name]);
        }
        listing.Write(console, "No group in your scope.");
    }
}
