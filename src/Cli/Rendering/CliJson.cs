using System.Text.Json.Serialization;
using Suture.Cli.Commands;
using Suture.Cli.Ledger;

namespace Suture.Cli.Rendering;

/// <summary>Writes what the command line puts together from several answers of the server; the rest is written as the server's contracts are.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FixQueue))]
[JsonSerializable(typeof(FixLook))]
[JsonSerializable(typeof(ComplianceLook))]
[JsonSerializable(typeof(Outcome))]
[JsonSerializable(typeof(LedgerVerdict))]
[JsonSerializable(typeof(LedgerKeys))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>That something was done which has no answer of its own.</summary>
internal sealed record Outcome
{
    /// <summary>What it was done to.</summary>
    public required string Id { get; init; }

    /// <summary>What it is now.</summary>
    public required string Is { get; init; }
}
