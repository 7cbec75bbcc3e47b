using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Suture.Collect.Files;

namespace Suture.Collect.Processes;

/// <summary>A socket that waits for others.</summary>
/// <param name="Protocol"><c>tcp</c>, <c>tcp6</c>, <c>udp</c> or <c>udp6</c>.</param>
/// <param name="Address">Address bound.</param>
/// <param name="Port">Port.</param>
/// <param name="Inode">By which its holder is found.</param>
internal sealed record OpenSocket(string Protocol, IPAddress Address, int Port, ulong Inode);

/// <summary>Reads <c>/proc/net/{tcp,tcp6,udp,udp6}</c> (proc_pid_net(5)).</summary>
internal static class SocketTable
{
    private const string Listening = "0A";
    private const string Unconnected = "07";

    /// <summary>Sockets that accept from others: listening TCP, and UDP bound to a port and to no peer.</summary>
    /// <param name="proc">The process file system.</param>
    /// <returns>Of everybody who shares the network, containers as well.</returns>
    public static IReadOnlyList<OpenSocket> Read(string proc)
    {
        var sockets = new List<OpenSocket>();
        foreach (var protocol in new[] { "tcp", "tcp6", "udp", "udp6" })
        {
            var path = $"{proc}/net/{protocol}";
            if (!File.Exists(path))
            {
                continue; // a kernel without IPv6 has no such table, and no such sockets
            }
            using var lines = new LineReader(MachineRoot.OpenRaw(path), path, long.MaxValue);
            while (lines.TryRead(out var line))
            {
                if (lines.LineNumber > CollectLimits.Sockets)
                {
                    throw new CollectException($"{path} has more than {CollectLimits.Sockets} rows.");
                }
                if (lines.LineNumber > 1 && Parse(protocol, Encoding.ASCII.GetString(line)) is { } socket)
                {
                    sockets.Add(socket);
                }
            }
        }
        return sockets;
    }

    /// <summary>Parses one row.</summary>
    /// <returns>Null when it does not wait for others.</returns>
    internal static OpenSocket? Parse(string protocol, string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 10 || words[3] != (protocol.StartsWith("tcp", StringComparison.Ordinal) ? Listening : Unconnected)
            || !words[2].EndsWith(":0000", StringComparison.Ordinal))
        {
            return null;
        }
        var colon = words[1].IndexOf(':', StringComparison.Ordinal);
        if (colon is not (8 or 32)
            || !int.TryParse(words[1].AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port) || port is 0 or > 65535
            || !ulong.TryParse(words[9], CultureInfo.InvariantCulture, out var inode) || inode == 0)
        {
            return null;
        }
        return ParseAddress(words[1].AsSpan(0, colon)) is { } address ? new OpenSocket(protocol, address, port, inode) : null;
    }

    /// <summary>Words of 32 bits in the machine's own order.</summary>
    private static IPAddress? ParseAddress(ReadOnlySpan<char> hex)
    {
        Span<byte> bytes = stackalloc byte[hex.Length / 2];
        for (var word = 0; word < bytes.Length; word += 4)
        {
            if (!uint.TryParse(hex.Slice(word * 2, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                return null;
            }
            if (BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[word..], value);
            }
            else
            {
                BinaryPrimitives.WriteUInt32BigEndian(bytes[word..], value);
            }
        }
        return new IPAddress(bytes);
    }
}
