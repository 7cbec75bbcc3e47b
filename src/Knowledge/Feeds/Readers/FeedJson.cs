using System.Text.Json;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Small helpers over JSON whose shape is not trusted. Text that is no Unicode (a lone surrogate) is a <see cref="JsonException"/>, as a cut-off document is.</summary>
internal static class FeedJson
{
    /// <summary>A member's text; null when it is absent or no text.</summary>
    public static string? Text(JsonElement row, string member) =>
        Member(row, member) is { ValueKind: JsonValueKind.String } value ? Text(value) : null;

    /// <summary>An element's text; null when it is no text.</summary>
    public static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException fault)
        {
            throw new JsonException("a text is no Unicode", fault);
        }
    }

    /// <summary>A member that is an object.</summary>
    public static JsonElement? Object(JsonElement row, string member) => Member(row, member) is { ValueKind: JsonValueKind.Object } value ? value : null;

    /// <summary>Elements of a member that is an array; none when it is absent or no array.</summary>
    public static IEnumerable<JsonElement> Array(JsonElement row, string member) =>
        Member(row, member) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    /// <summary>A member; null when it is absent, <c>null</c>, or the row is no object.</summary>
    public static JsonElement? Member(JsonElement row, string member)
    {
        try
        {
            return row.ValueKind == JsonValueKind.Object && row.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
        }
        catch (InvalidOperationException fault)
        {
            throw new JsonException("a name is no Unicode", fault);
        }
    }
}
