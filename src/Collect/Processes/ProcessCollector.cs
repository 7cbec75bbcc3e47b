using Suture.Collect.Dpkg;
using Suture.Collect.Files;
using Suture.Collect.Host;
using Suture.Contracts.Inventory;

namespace Suture.Collect.Processes;

/// <summary>What the processes of the machine tell.</summary>
/// <param name="Outdated">Null when unknown.</param>
/// <param name="OutdatedSeen">What is known where <paramref name="Outdated"/> is not, because processes are hidden; null when nothing.</param>
/// <param name="Listening">Null when unknown.</param>
/// <param name="PackagesInUse">Null when unknown.</param>
internal sealed record Running(
    IReadOnlyList<OutdatedProcess>? Outdated, IReadOnlyList<OutdatedProcess>? OutdatedSeen, IReadOnlyList<ListeningSocket>? Listening,
    IReadOnlyList<string>? PackagesInUse);

/// <summary>Looks once at all processes and derives outdated processes, listening sockets and packages in use.</summary>
/// <remarks>While a process may not be looked at, no one can say that nothing old runs: outdated processes are then unknown, and those found among the others are told
/// apart from them. For root, sockets and packages found among the other processes still are found, and the failure says that there may be more; anyone else sees
/// little but own processes, so those are unknown.</remarks>
internal sealed class ProcessCollector(MachineRoot root, string proc, CollectOptions options, FailureList failures)
{
    private readonly FileLists _lists = new(root);

    /// <summary>Reads them.</summary>
    /// <param name="boot">Start of the machine; null when unknown, then start times are as well.</param>
    public Running Collect(BootFacts? boot)
    {
        var sockets = failures.Attempt(CollectorFailure.ListeningSockets, () => SocketTable.Read(proc));
        var table = failures.Attempt(CollectorFailure.Processes, () => ProcessTable.Read(proc, sockets?.Select(socket => socket.Inode).ToHashSet() ?? []));
        if (table is null)
        {
            return new Running(null, null, null, null);
        }
        var owners = PathOwners.Load(_lists, options, failures);
        if (failures.Attempt("file-owners", () => { owners.Resolve(table.CodeFiles()); return owners; }) is null)
        {
            return new Running(null, null, null, null);
        }
        failures.Attempt<object>("mapped-path-journal", () => { owners.Save(); return null; });
        if (table.HiddenReason is { } hidden)
        {
            failures.Add(CollectorFailure.OutdatedProcesses, hidden);
            failures.Add(CollectorFailure.ListeningSockets, hidden);
            failures.Add(CollectorFailure.PackagesInUse, hidden);
        }
        var isTelling = table.Processes.Count > 0 && (table.Hidden.Count == 0 || Environment.IsPrivilegedProcess);
        var outdated = boot is null ? null : failures.Attempt(CollectorFailure.OutdatedProcesses, () => FindOutdated(table, owners, boot));
        return new Running(
            table.Hidden.Count == 0 ? outdated : null,
            table.Hidden.Count > 0 && outdated is { Count: > 0 } ? outdated : null,
            sockets is null || !isTelling ? null : failures.Attempt(CollectorFailure.ListeningSockets, () => ListeningSockets.Join(sockets, table, owners)),
            isTelling ? failures.Attempt(CollectorFailure.PackagesInUse, () => InUse(table, owners)) : null);
    }

    private IReadOnlyList<OutdatedProcess> FindOutdated(ProcessTable table, PathOwners owners, BootFacts boot)
    {
        var finder = new OutdatedFinder(root, table, owners, boot);
        var outdated = finder.Find(InterpreterRule.Read(root, _lists, table, finder.StartOf));
        if (finder.Ownerless.Count > 0)
        {
            failures.Add(CollectorFailure.OutdatedProcesses, finder.Ownerless.Count == 1
                ? $"1 deleted file that processes run belongs to no known package ({finder.Ownerless.First()})."
                : $"{finder.Ownerless.Count} deleted files that processes run belong to no known package ({finder.Ownerless.First()}).");
        }
        return outdated;
    }

    private static IReadOnlyList<string> InUse(ProcessTable table, PathOwners owners) =>
        [.. table.CodeFiles().Select(owners.Of).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
