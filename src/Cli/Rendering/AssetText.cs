using System.Globalization;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;

namespace Suture.Cli.Rendering;

/// <summary>One asset for people.</summary>
internal static class AssetText
{
    private const int SocketsMax = 8;
    private const int Label = 12;

    public static void Write(CliConsole console, AssetDetail detail)
    {
        var row = detail.Asset;
        var states = string.Join("; ", AssetsText.States(row));
        TextLines.Line(console, $"{TextLines.Plain(row.Name)}  {row.Id}");
        TextLines.Field(console, "state", states.Length == 0 ? "active" : states, Label);
        TextLines.Field(console, "group", row.Group, Label);
        TextLines.Field(console, "system", detail.State?.OperatingSystem?.PrettyName ?? row.OperatingSystem ?? "unknown", Label);
        TextLines.Field(console, "kernel", Kernel(detail.State), Label);
        TextLines.Field(console, "packages", detail.Software is { } software ? software.Count.ToString(CultureInfo.InvariantCulture) : "unknown", Label);
        TextLines.Field(console, "listens on", Sockets(detail.State), Label);
        TextLines.Field(console, "reboot", Reboot(detail.State), Label);
        TextLines.Field(console, "last report", row.LastReportUtc is { } at ? TextLines.Instant(at) : "never", Label);
        TextLines.Field(console, "last seen", row.LastSeenUtc is { } seen ? TextLines.Instant(seen) : "never", Label);
        TextLines.Field(console, "open", Open(row), Label);
        TextLines.Line(console, "");
        WriteContext(console, detail);
        UnknownText.Write(console, null, detail.Unknown);
        TextLines.Paragraph(console, $"\nIts findings: {Launcher.Name} findings --asset {TextLines.Plain(row.Name)}");
    }

    /// <summary>Prints what the asset is for, each value with who said so and when.</summary>
    public static void WriteContext(CliConsole console, AssetDetail detail)
    {
        TextLines.Line(console, $"What {TextLines.Plain(detail.Asset.Name)} is for");
        var listing = new Listing(new Column("KEY"), new Column("VALUE"), new Column("SOURCE"), new Column("SINCE") { Below = since => $"since {since}" });
        listing.Add(["group", detail.Asset.Group, "stated", "-"]);
        foreach (var value in detail.Context)
        {
            listing.Add([value.Key, value.Value, value.Source, TextLines.Instant(value.AtUtc)]);
        }
        listing.Write(console, "");
    }

    private static string Kernel(MachineState? state) => state?.RunningKernel is not { } kernel ? "unknown"
        : kernel.IsForeign ? $"{kernel.Release}, of the host"
        : kernel.Package is { } package ? $"{kernel.Release} ({package})" : $"{kernel.Release}, of no installed package";

    private static string Sockets(MachineState? state)
    {
        if (state?.Listening is not { } all)
        {
            return "unknown";
        }
        var open = all.Where(socket => !socket.IsLoopbackOnly)
            .Select(socket => string.Create(CultureInfo.InvariantCulture, $"{socket.Protocol} {socket.Address}:{socket.Port} {socket.Command}")).Distinct(StringComparer.Ordinal).ToList();
        var more = open.Count > SocketsMax ? string.Create(CultureInfo.InvariantCulture, $" and {open.Count - SocketsMax} more") : "";
        return open.Count == 0 ? "nothing that others reach" : string.Join(", ", open.Take(SocketsMax)) + more;
    }

    private static string Reboot(MachineState? state) => state?.RebootRequest is not { } reboot ? "unknown whether it asks for one"
        : !reboot.IsRequired ? "not asked for"
        : reboot.Packages.Count == 0 ? "asked for" : $"asked for by {string.Join(", ", reboot.Packages)}";

    private static string Open(AssetRow row)
    {
        var byStatus = row.Findings.Where(pair => pair.Value > 0).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key.Replace('_', ' ')}")).ToList();
        return byStatus.Count == 0 ? "no finding" : $"{string.Join(", ", byStatus)}; risk {TextLines.Risk(row.RiskPerDay)} a day";
    }
}
