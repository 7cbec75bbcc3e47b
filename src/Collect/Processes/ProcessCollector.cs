using Suture.Collect.Dpkg;
using Suture.Collect.Files;
using Suture.Collect.Host;
using Suture.Contracts.Inventory;

namespace Suture.Collect.Processes;

/// <summary>What the processes of the machine tell.</summary>
/// <param name="Outdated">Null when unknown.</param>
/// <param name="Listening">Null when unknown.</param>
/// <param name="PackagesInUse">Null when unknown.</param>
internal sealed record Running(
    IReadOnlyList<OutdatedProcess>? Outdated, IReadOnlyList<ListeningSocket>? Listening, IReadOnlyList<string>? PackagesInUse);

/// <summary>Looks once at all processes and derives outdated processes, listening sockets and packages in use.</summary>
/// <remarks>While a process may not be looked at, no one can say that nothing old runs: outdated processes are then unknown. For root, sockets and packages found
/// among the other processes still are found, and the failure says that there may be more; anyone else sees little but own processes, so all is unknown.</remarks>
internal sealed class ProcessCollector(MachineRoot root, string proc, string? stateFolder, FailureList failures)
{
    private const string OutdatedName = "outdated-processes";

    private readonly FileLists _lists = new(root);

    /// <summary>Reads them.</summary>
    /// <param name="boot">Start of the machine; null when unknown, then start times are as well.</param>
    public Running Collect(BootFacts? boot)
    {
        var sockets = failures.Attempt(CollectorFailure.ListeningSockets, () => SocketTable.Read(proc));
        var table = failures.Attempt("processes", () => ProcessTable.Read(proc, sockets?.Select(socket => socket.Inode).ToHashSet() ?? []));
        if (table is null)
        {
            return new Running(null, null, null);
        }
        var owners = PathOwners.Load(_lists, stateFolder, failures);
        if (failures.Attempt("file-owners", () => { owners.Resolve(table.CodeFiles()); return owners; }) is null)
        {
            return new Running(null, null, null);
        }
        failures.Attempt<object>("mapped-path-journal", () => { owners.Save(); return null; });
        if (table.HiddenReason is { } hidden)
        {
            failures.Add(OutdatedName, hidden);
            failures.Add(CollectorFailure.ListeningSockets, hidden);
            failures.Add(CollectorFailure.PackagesInUse, hidden);
        }
        var isTelling = table.Processes.Count > 0 && (table.Hidden.Count == 0 || Environment.IsPrivilegedProcess);
        return new Running(
            boot is null || table.Hidden.Count > 0 ? null : failures.Attempt(OutdatedName, () => FindOutdated(table, owners, boot)),
            sockets is null || !isTelling ? null : failures.Attempt(CollectorFailure.ListeningSockets, () => ListeningSockets.Join(sockets, table, owners)),
            isTelling ? failures.Attempt(CollectorFailure.PackagesInUse, () => InUse(table, owners)) : null);
    }

    private IReadOnlyList<OutdatedProcess> FindOutdated(ProcessTable table, PathOwners owners, BootFacts boot)
    {
        var finder = new OutdatedFinder(root, table, owners, boot);
        var outdated = finder.Find(InterpreterRule.Read(root, _lists, table, finder.StartOf));
        if (finder.Ownerless.Count > 0)
        {
            failures.Add(OutdatedName, finder.Ownerless.Count == 1
                ? $"1 deleted file that processes run belongs to no known package ({finder.Ownerless.First()})."
                : $"{finder.Ownerless.Count} deleted files that processes run belong to no known package ({finder.Ownerless.First()}).");
        }
        return outdated;
    }

    private static IReadOnlyList<string> InUse(ProcessTable table, PathOwners owners) =>
        [.. table.CodeFiles().Select(owners.Of).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
