using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Suture.Cli.Rendering;

/// <summary>Prints JSON: indented, UTF-8, a line end behind it.</summary>
internal static class JsonOutput
{
    // The relaxed encoder keeps '<' and '+' readable; the output is a terminal or a file, never part of a web page.
    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync<T>(TextWriter to, T value, JsonTypeInfo<T> type)
    {
        using var bytes = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(bytes, Indented))
        {
            JsonSerializer.Serialize(writer, value, type);
        }
        await to.WriteLineAsync(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }
}
