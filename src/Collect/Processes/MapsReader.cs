using System.Buffers.Text;
using System.Text;
using Suture.Collect.Files;
using Suture.Knowledge.Files;

namespace Suture.Collect.Processes;

/// <summary>Reads process maps (proc_pid_maps(5)); equal files of all processes are one object.</summary>
internal sealed class MapsReader
{
    private const int AddressFields = 5;

    private readonly Dictionary<(string Path, bool IsDeleted, ulong Device, ulong Inode), MappedFile> _files = [];

    /// <summary>All files seen, each once.</summary>
    public IReadOnlyCollection<MappedFile> Files => _files.Values;

    /// <summary>Reads one process's maps.</summary>
    /// <param name="path">The <c>maps</c> file.</param>
    /// <returns>Files it maps; unique.</returns>
    public IReadOnlyList<MappedFile> Read(string path) => Read(MachineRoot.OpenRaw(path), path);

    /// <summary>Reads opened maps.</summary>
    /// <param name="stream">The maps; closed at the end.</param>
    /// <param name="path">Where they are from, for faults.</param>
    internal IReadOnlyList<MappedFile> Read(Stream stream, string path)
    {
        var mapped = new List<MappedFile>();
        MappedFile? last = null;
        using var lines = new LineReader(stream, path, long.MaxValue);
        while (lines.TryRead(out var line))
        {
            if (TryParse(line, out var name, out var device, out var inode, out var isCode) && Take(name, device, inode) is { } file)
            {
                file.IsCode |= isCode;
                if (!ReferenceEquals(file, last) && !mapped.Contains(file))
                {
                    mapped.Add(file);
                }
                last = file;
            }
        }
        return mapped;
    }

    /// <summary>Parses <c>7f..-7f.. r-xp 00000000 fe:00 1234   /usr/lib/libssl.so.3 (deleted)</c>.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> line, out string path, out ulong device, out ulong inode, out bool isCode)
    {
        (path, device, inode, isCode) = ("", 0, 0, false);
        var rest = line;
        for (var field = 0; field < AddressFields; field++)
        {
            rest = rest.TrimStart((byte)' ');
            var end = rest.IndexOf((byte)' ');
            if (end < 0)
            {
                return false; // no path: anonymous memory
            }
            var value = rest[..end];
            rest = rest[end..];
            if (field == 1)
            {
                isCode = value.IndexOf((byte)'x') >= 0;
            }
            else if (field == 3 && !TryParseDevice(value, out device))
            {
                return false;
            }
            else if (field == 4 && (!Utf8Parser.TryParse(value, out inode, out var used) || used != value.Length))
            {
                return false;
            }
        }
        rest = rest.TrimStart((byte)' ');
        if (rest.IsEmpty || rest[0] != (byte)'/')
        {
            return false;
        }
        path = Encoding.UTF8.GetString(rest);
        return true;
    }

    private MappedFile? Take(string name, ulong device, ulong inode)
    {
        var plain = CodePaths.WithoutMark(name, out var isDeleted);
        if (CodePaths.IsIgnored(plain))
        {
            return null;
        }
        var key = (CodePaths.Canonical(plain), isDeleted, device, inode);
        if (!_files.TryGetValue(key, out var file))
        {
            if (_files.Count >= CollectLimits.MappedFiles)
            {
                throw new CollectException($"Processes map more than {CollectLimits.MappedFiles} files.");
            }
            _files[key] = file = new MappedFile(key.Item1, isDeleted, device, inode);
        }
        return file;
    }

    private static bool TryParseDevice(ReadOnlySpan<byte> value, out ulong device)
    {
        device = 0;
        var colon = value.IndexOf((byte)':');
        if (colon < 0 || !Utf8Parser.TryParse(value[..colon], out uint major, out _, 'x') || !Utf8Parser.TryParse(value[(colon + 1)..], out uint minor, out _, 'x'))
        {
            return false;
        }
        device = FileFacts.DeviceOf(major, minor);
        return true;
    }
}
