using System.Text.Json;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Small helpers over JSON whose shape is not trusted.</summary>
internal static class FeedJson
{
    /// <summary>A member's text; null when it is absent or no text.</summary>
    public static string? Text(JsonElement row, string member) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <summary>A member that is an object.</summary>
    public static JsonElement? Object(JsonElement row, string member) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    /// <summary>Elements of a member that is an array; none when it is absent or no array.</summary>
    public static IEnumerable<JsonElement> Array(JsonElement row, string member) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : [];
}
