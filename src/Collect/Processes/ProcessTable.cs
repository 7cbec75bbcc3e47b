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

    /// <summary>Processes that live and cannot be read, each as <c>id command</c>; the id alone when not even the name can be read.</summary>
    public IReadOnlyList<string> Hidden => _hidden;

    /// <summary>Says what hidden processes leave unknown; null when none is hidden.</summary>
    public string? HiddenReason => _hidden.Count == 0
        ? null
        : $"{_hidden.Count} {(_hidden.Count == 1 ? "process" : "processes")} may not be looked at ({string.Join(", ", _hidden.Take(CollectLimits.FaultsQuoted))}), so that nobody can say whether {(_hidden.Count == 1 ? "it runs" : "they run")} old code. "
            + "Run as root with CAP_SYS_PTRACE; where that is so, a security module denies it (journalctl -k names it): allow it there, or end the process.";

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
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // One that ended meanwhile is no concern of ours. One that lives may run anything: it is never left out in silence.
                if (NameIfAlive(id) is { } name)
                {
                    _hidden.Add(name);
                }
            }
        }
    }

    private string? NameIfAlive(int id)
    {
        try
        {
            return ReadStat(FolderOf(id)) is { } stat ? string.Create(CultureInfo.InvariantCulture, $"{id} {stat.Command}") : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException || fault.HResult == Native.NoProcess)
        {
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return id.ToString(CultureInfo.InvariantCulture);
        }
    }

    private string FolderOf(int id) => $"{_proc}/{id.ToString(CultureInfo.InvariantCulture)}";

    private readonly record struct Stat(string Command, long StartTicks);

    /// <returns>Null for what runs nothing of ours: a thread of the kernel, a process that has ended.</returns>
    private static Stat? ReadStat(string folder)
    {
        var stat = MachineRoot.ReadAll(MachineRoot.OpenRaw($"{folder}/stat"), "stat");
        var open = stat.IndexOf('(', StringComparison.Ordinal);
        var close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
        {
            return null;
        }
        var fields = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length <= StartField || fields[StateField] is "Z" or "X" || (ParseUInt(fields[FlagsField]) & KernelThread) != 0
            ? null
            : new Stat(stat[(open + 1)..close], long.Parse(fields[StartField], CultureInfo.InvariantCulture));
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
        var folder = FolderOf(id);
        if (ReadStat(folder) is not { } stat || !IsOwn(folder))
        {
            return;
        }
        var executable = Native.ReadLink($"{folder}/exe", out _);
        var isDeleted = false;
        executable = executable is null ? null : CodePaths.Canonical(CodePaths.WithoutMark(executable, out isDeleted));
        _processes.Add(new ProcessFacts
        {
            Id = id,
            Command = stat.Command,
            StartTicks = stat.StartTicks,
            Executable = executable,
            IsExecutableDeleted = isDeleted,
            Unit = ReadText($"{folder}/cgroup") is { } group ? UnitName.Of(group, _initGroup) : null,
            Mapped = _maps.Read($"{folder}/maps"),
            Sockets = SocketsOf($"{folder}/fd"),
        });
    }

    /// <exception cref="IOException">That cannot be told.</exception>
    private bool IsOwn(string folder)
    {
        var space = Native.ReadLink($"{folder}/ns/pid", out var error);
        if (space is null)
        {
            return error is Native.NoEntry or Native.NoProcess ? false : throw new IOException($"{folder}/ns/pid cannot be read.");
        }
        if (space != _ownNamespace)
        {
            return false;
        }
        var root = FileFacts.Of($"{folder}/root") ?? throw new IOException($"{folder}/root cannot be looked at.");
        return (root.Device, root.Inode) == _ownRoot;
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
