using System.Text;
using System.Text.Json;
using Suture.Bench.Loop;
using Suture.Contracts;
using Suture.Contracts.Inventory;

namespace Suture.Bench.Hostile;

/// <summary>Makes messages, good ones and bad ones. Pure, but for the bytes that come by chance.</summary>
internal static class HostileBodies
{
    /// <summary>A report of everything.</summary>
    public static AssetReport Report(string name, string bootId, long sequence, ReportContent facts, DateTimeOffset taken) => new()
    {
        Schema = 1,
        BootId = bootId,
        Sequence = sequence,
        TakenUtc = taken,
        AgentVersion = BenchAgent.Version,
        ObservedOnly = false,
        HostName = name,
        SoftwareDigest = facts.SoftwareDigest,
        Software = facts.Packages,
        StateDigest = facts.StateDigest,
        State = facts.State,
        Vitals = new MachineVitals { UptimeSeconds = 60 },
    };

    /// <summary>The report's JSON.</summary>
    public static byte[] Json(AssetReport report) => JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.AssetReport);

    /// <summary>The report's JSON with one member's value replaced by other text, as it is.</summary>
    public static byte[] With(AssetReport report, string member, string value)
    {
        var json = Encoding.UTF8.GetString(Json(report with { Software = null, SoftwareDigest = null, State = null }));
        var from = json.IndexOf($"\"{member}\":", StringComparison.Ordinal);
        var start = from + member.Length + 3;
        var end = json.IndexOfAny([',', '}'], start);
        return from < 0 ? throw new BenchException($"A report has no member {member}.") : Encoding.UTF8.GetBytes(json[..start] + value + json[end..]);
    }
}
