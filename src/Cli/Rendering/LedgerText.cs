using System.Globalization;
using System.Text.Json;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Ledger rows for people.</summary>
internal static class LedgerText
{
    public static void Write(CliConsole console, IReadOnlyList<LedgerRow> rows)
    {
        var listing = new Listing(
            new Column("NO") { IsNumber = true }, new Column("WHEN"), new Column("WHO"), new Column("WHAT"), new Column("TO") { Below = subject => $"to {subject}" });
        foreach (var row in rows)
        {
            listing.Add([row.Sequence.ToString(CultureInfo.InvariantCulture), TextLines.Instant(row.AtUtc), row.Actor, row.Action, row.Subject], last: [Words(row.Detail)]);
        }
        listing.Write(console, "No row.");
    }

    // Details are an object of the ledger's own making; whatever else it may be is shown as it is.
    private static string Words(string detail)
    {
        try
        {
            using var value = JsonDocument.Parse(detail);
            return value.RootElement.ValueKind == JsonValueKind.Object
                ? string.Join(", ", value.RootElement.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).Select(member => $"{member.Name} {member.Value}"))
                : detail;
        }
        catch (JsonException)
        {
            return detail;
        }
    }
}
