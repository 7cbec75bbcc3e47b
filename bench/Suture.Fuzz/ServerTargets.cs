using Microsoft.AspNetCore.Http;
using Suture.Contracts;
using Suture.Inventory;
using Suture.Inventory.Reports;

namespace Suture.Fuzz;

/// <summary>What agents send to the server.</summary>
internal static class ServerTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("agent-report", Report),
    ];

    // As the route of reports reads it, up to what is stored; a body that begins as gzip is sent as gzip.
    private static long Report(byte[] input)
    {
        var (wire, _) = ReadBody.WireAsync(Request(input), InventoryLimits.ReportWireBytesMax, CancellationToken.None).GetAwaiter().GetResult();
        if (wire is null)
        {
            return 0;
        }
        var encoding = input is [0x1f, 0x8b, ..] ? "gzip" : "";
        var (bytes, _) = ReadBody.UnpackAsync(wire, encoding, CancellationToken.None).GetAwaiter().GetResult();
        if (bytes is null)
        {
            return Math.Min(InventoryLimits.ReportBytesMax, InventoryLimits.ReportRatioFreeBytes + (wire.LongLength * InventoryLimits.ReportRatioMax));
        }
        if (ReadBody.Json(bytes, ContractsJson.Default.AssetReport).Value is { } report)
        {
            var faults = CheckReport.Check(report);
            _ = faults.ToErrors();
        }
        return bytes.Length;
    }

    private static DefaultHttpContext Request(byte[] body)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(body, writable: false);
        return context;
    }
}
