using System.Text.Json.Serialization;
using Suture.Collect.Apt;
using Suture.Collect.Processes;

namespace Suture.Collect;

/// <summary>Readers and writers of the files in the state folder, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    RespectNullableAnnotations = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(CachedIndexes))]
[JsonSerializable(typeof(RememberedOrigins))]
[JsonSerializable(typeof(MappedPaths))]
internal sealed partial class CollectJson : JsonSerializerContext;
