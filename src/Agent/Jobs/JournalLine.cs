using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Suture.Agent.State;

namespace Suture.Agent.Jobs;

/// <summary>The form of one line: eight hex digits of CRC-32C over the JSON, a space, the JSON, a line feed. Pure.</summary>
internal static class JournalLine
{
    private const int PrefixLength = 9;

    /// <summary>Writes a line.</summary>
    /// <param name="entry">Content.</param>
    /// <returns>Bytes with the line feed.</returns>
    /// <exception cref="InvalidOperationException">The line would be longer than <see cref="JobLimits.JournalLineBytesMax"/>.</exception>
    public static byte[] Format(JournalEntry entry)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, AgentJson.Default.JournalEntry);
        return json.Length + PrefixLength + 1 <= JobLimits.JournalLineBytesMax
            ? [.. Encoding.ASCII.GetBytes(Checksum(json).ToString("x8", CultureInfo.InvariantCulture)), (byte)' ', .. json, (byte)'\n']
            : throw new InvalidOperationException($"Journal line of job {entry.JobId} has {json.Length} bytes, at most {JobLimits.JournalLineBytesMax} are allowed.");
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">Bytes without the line feed.</param>
    /// <returns>Null when it is not whole.</returns>
    public static JournalEntry? Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length <= PrefixLength || line[PrefixLength - 1] != ' '
            || !uint.TryParse(line[..(PrefixLength - 1)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum)
            || checksum != Checksum(line[PrefixLength..]))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize(line[PrefixLength..], AgentJson.Default.JournalEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }
        return ~crc;
    }
}
