using System.Text.Json;
using System.Text.Json.Serialization;

namespace Suture.Bench.Loop;

/// <summary>Writes the report for programs.</summary>
internal static class LoopJson
{
    /// <summary>The report as JSON text.</summary>
    public static string Write(LoopReport report) => JsonSerializer.Serialize(report, LoopJsonContext.Default.LoopReport);
}

/// <summary>Writers of the report.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(LoopReport))]
internal sealed partial class LoopJsonContext : JsonSerializerContext;
