using System.Globalization;
using Suture.Collect.Files;
using Suture.Knowledge.Files;

namespace Suture.Collect.Processes;

/// <summary>The processes of this machine: those of the reader's own root and process namespace. Containers on it are machines of their own.</summary>
internal sealed class ProcessTable
{
    private const uint KernelThread = 0x0020_0000; // PF_KTHREAD
    private const int StateField = 0, FlagsField = 6, StartField = 19; // counted behind the command's closing bracket

    private readonly string _proc;
    private readonly IReadOnlySet<ulong> _sockets;
    private readonly MapsReader _maps = new();
    private readonly List<ProcessFacts> _processes = [];
    private readonly List<string> _hidden = [];
    private string _ownNamespace = "";
    private (ulong Device, ulong Inode) _ownRoot;
    private string _initGroup = "/";

    private ProcessTable(string proc, IReadOnlySet<ulong> sockets)
    {
        _proc = proc;
        _sockets = sockets;
    }

    /// <summary>Processes, ordered by id.</summary>
    public IReadOnlyList<ProcessFacts> Processes => _processes;

    /// <summary>Files they map.</summary>
    public IReadOnlyCollection<MappedFile> Files => _maps.Files;

    /// <summary>Processes that may not be looked at, each as <c>id command</c>.</summary>
    public IReadOnlyList<string> Hidden => _hidden;

    /// <summary>Says what hidden processes leave unknown; null when none is hidden.</summary>
    public string? HiddenReason => _hidden.Count == 0
        ? null
        : $"{_hidden.Count} {(_hidden.Count == 1 ? "process" : "processes")} may not be looked at ({string.Join(", ", _hidden.Take(CollectLimits.FaultsQuoted))}). Run as root with CAP_SYS_PTRACE.";

    /// <summary>Paths of everything they map or execute, in canonical form.</summary>
    public IReadOnlySet<string> CodeFiles() =>
        Files.Select(file => file.Path).Concat(_processes.Select(process => process.Executable).OfType<string>().Where(path => !CodePaths.IsIgnored(path)))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>Reads them all. A process that ends while it is read is left out.</summary>
    /// <param name="proc">The process file system.</param>
    /// <param name="sockets">Inodes of sockets whose holders are wanted.</param>
    public static ProcessTable Read(string proc, IReadOnlySet<ulong> sockets)
    {
        var table = new ProcessTable(proc, sockets);
        table.ReadAll();
        return table;
    }

    private void ReadAll()
    {
        _ownNamespace = Native.ReadLink($"{_proc}/self/ns/pid", out _) ?? throw new CollectException("/proc/self/ns/pid cannot be read; own processes cannot be told from a container's.");
        var root = FileFacts.Of($"{_proc}/self/root") ?? throw new CollectException("/proc/self/root cannot be read; own processes cannot be told from a container's.");
        _ownRoot = (root.Device, root.Inode);
        _initGroup = ReadText($"{_proc}/1/cgroup") is { } group ? UnitName.GroupOf(group) : "/";
        foreach (var id in Ids())
        {
            try
            {
                ReadOne(id);
            }
            catch (UnauthorizedAccessException)
            {
                _hidden.Add(id.ToString(CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // it ended while it was read
            }
        }
    }

    private List<int> Ids()
    {
        var ids = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories(_proc))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                ids.Add(id);
            }
        }
        if (ids.Count > CollectLimits.Processes)
        {
            throw new CollectException($"{ids.Count} processes run, at most {CollectLimits.Processes} are looked at.");
        }
        ids.Sort();
        return ids;
    }

    private void ReadOne(int id)
    {
        var folder = $"{_proc}/{id.ToString(CultureInfo.InvariantCulture)}";
        var stat = MachineRoot.ReadAll(MachineRoot.OpenRaw($"{folder}/stat"), "stat");
        var open = stat.IndexOf('(', StringComparison.Ordinal);
        var close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
        {
            return;
        }
        var command = stat[(open + 1)..close];
        var fields = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= StartField || fields[StateField] is "Z" or "X" || (ParseUInt(fields[FlagsField]) & KernelThread) != 0)
        {
            return;
        }
        if (!IsOwn(folder, id, command))
        {
            return;
        }
        var executable = Native.ReadLink($"{folder}/exe", out _);
        var isDeleted = false;
        executable = executable is null ? null : CodePaths.Canonical(CodePaths.WithoutMark(executable, out isDeleted));
        _processes.Add(new ProcessFacts
        {
            Id = id,
            Command = command,
            StartTicks = long.Parse(fields[StartField], CultureInfo.InvariantCulture),
            Executable = executable,
            IsExecutableDeleted = isDeleted,
            Unit = ReadText($"{folder}/cgroup") is { } group ? UnitName.Of(group, _initGroup) : null,
            Mapped = _maps.Read($"{folder}/maps"),
            Sockets = SocketsOf($"{folder}/fd"),
        });
    }

    private bool IsOwn(string folder, int id, string command)
    {
        var space = Native.ReadLink($"{folder}/ns/pid", out var error);
        if (space is null)
        {
            if (error is not (Native.NoEntry or Native.NoProcess))
            {
                _hidden.Add(string.Create(CultureInfo.InvariantCulture, $"{id} {command}"));
            }
            return false;
        }
        return space == _ownNamespace && FileFacts.Of($"{folder}/root") is { } root && (root.Device, root.Inode) == _ownRoot;
    }

    private List<ulong> SocketsOf(string folder)
    {
        var held = new List<ulong>();
        if (_sockets.Count == 0)
        {
            return held;
        }
        var looked = 0;
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
        {
            if (++looked > CollectLimits.OpenFilesPerProcess)
            {
                throw new CollectException($"{folder} holds more than {CollectLimits.OpenFilesPerProcess} open files.");
            }
            var target = Native.ReadLink(entry, out _);
            if (target is not null && target.StartsWith("socket:[", StringComparison.Ordinal)
                && ulong.TryParse(target.AsSpan(8).TrimEnd(']'), CultureInfo.InvariantCulture, out var inode) && _sockets.Contains(inode) && !held.Contains(inode))
            {
                held.Add(inode);
            }
        }
        return held;
    }

    private static uint ParseUInt(string value) => uint.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string? ReadText(string path)
    {
        try
        {
            return MachineRoot.ReadAll(MachineRoot.OpenRaw(path), path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
