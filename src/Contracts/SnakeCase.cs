using System.Text.Json;
using System.Text.Json.Serialization;

namespace Suture.Contracts;

/// <summary>Writes an enum member as lower snake case text (<c>PendingEffect</c> is <c>pending_effect</c>); refuses numbers when reading.</summary>
/// <typeparam name="T">The enum.</typeparam>
public sealed class SnakeCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
