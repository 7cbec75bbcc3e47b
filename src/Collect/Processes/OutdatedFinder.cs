using Suture.Collect.Files;
using Suture.Collect.Host;
using Suture.Contracts.Inventory;

namespace Suture.Collect.Processes;

/// <summary>Finds processes that run code which is no longer the installed one (design decision 3).</summary>
/// <param name="root">The machine.</param>
/// <param name="table">Its processes.</param>
/// <param name="owners">Packages of files.</param>
/// <param name="boot">Where process start times count from.</param>
internal sealed class OutdatedFinder(MachineRoot root, ProcessTable table, PathOwners owners, BootFacts boot)
{
    private readonly Dictionary<MappedFile, bool> _replaced = new(ReferenceEqualityComparer.Instance);
    private readonly SortedSet<string> _ownerless = new(StringComparer.Ordinal);

    /// <summary>Deleted files below the packages' folders that no package is known for; ordered.</summary>
    public IReadOnlyCollection<string> Ownerless => _ownerless;

    /// <summary>Finds them: one row for each process and package, the plainest reason first.</summary>
    /// <param name="interpreters">The rule for interpreters.</param>
    /// <returns>Ordered by package, process id.</returns>
    public IReadOnlyList<OutdatedProcess> Find(InterpreterRule interpreters)
    {
        var rows = new Dictionary<(string Package, int ProcessId), OutdatedProcess>();
        foreach (var process in table.Processes)
        {
            if (process is { IsExecutableDeleted: true, Executable: { } executable } && !CodePaths.IsIgnored(executable))
            {
                Take(rows, process, executable, isCode: true, OutdatedBasis.ExecutableReplaced);
            }
            foreach (var file in process.Mapped.Where(IsReplaced))
            {
                Take(rows, process, file.Path, file.IsCode, OutdatedBasis.MapsReplacedFile);
            }
            foreach (var (package, file) in interpreters.ChangedSince(process, StartOf(process)))
            {
                rows.TryAdd((package, process.Id), Row(process, package, file, OutdatedBasis.InterpreterOlderThanChange));
            }
        }
        if (rows.Count > CollectLimits.OutdatedProcesses)
        {
            throw new CollectException($"{rows.Count} processes and packages are outdated, at most {CollectLimits.OutdatedProcesses} are reported. Restart the machine.");
        }
        return [.. rows.Values.OrderBy(row => row.Package, StringComparer.Ordinal).ThenBy(row => row.ProcessId)];
    }

    /// <summary>Start of a process. The kernel's start is known in whole seconds, so it may be up to one second early.</summary>
    public DateTimeOffset StartOf(ProcessFacts process) =>
        boot.KernelBootUtc.AddMilliseconds(process.StartTicks * (1000 / BootFacts.TicksPerSecond));

    private void Take(
        Dictionary<(string, int), OutdatedProcess> rows, ProcessFacts process, string path, bool isCode, OutdatedBasis basis)
    {
        if (owners.Of(path) is { } package)
        {
            rows.TryAdd((package, process.Id), Row(process, package, path, basis));
        }
        else if (CodePaths.IsPackaged(path) && isCode)
        {
            _ownerless.Add(path);
        }
    }

    private OutdatedProcess Row(ProcessFacts process, string package, string file, OutdatedBasis basis) => new()
    {
        Package = package,
        ProcessId = process.Id,
        Command = process.Command,
        Unit = process.Unit,
        StartedUtc = StartOf(process),
        Basis = basis,
        File = file,
    };

    /// <summary>True when the file mapped is not the one under its name: the kernel says so, or another inode of the same device has the name.</summary>
    private bool IsReplaced(MappedFile file)
    {
        if (file.IsDeleted)
        {
            return true;
        }
        if (!_replaced.TryGetValue(file, out var isReplaced))
        {
            isReplaced = file.Inode != 0 && CodePaths.IsPackaged(file.Path)
                && root.Stat(file.Path) is { } now && now.Device == file.Device && now.Inode != file.Inode;
            _replaced[file] = isReplaced;
        }
        return isReplaced;
    }
}
