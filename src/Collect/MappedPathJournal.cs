using Suture.Collect.Dpkg;
using Suture.Collect.Files;
using Suture.Collect.Processes;

namespace Suture.Collect;

/// <summary>Notes which package each mapped file belongs to, before a change makes that impossible to tell.</summary>
public static class MappedPathJournal
{
    /// <summary>Journals the files that processes map now, and the programs and libraries of the packages about to change. Safe to call again.</summary>
    /// <param name="options">The machine and its state folder; without a state folder nothing is done.</param>
    /// <param name="packages">Binary packages about to change; may be empty.</param>
    /// <exception cref="IOException">The state folder cannot be written: make no change then, its effect could not be proven.</exception>
    public static void Remember(CollectOptions options, IEnumerable<string> packages)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(packages);
        if (options.StateDirectory is null)
        {
            return;
        }
        var failures = new FailureList(); // what cannot be read now cannot be read by the report either, and is said there
        var owners = PathOwners.Load(new FileLists(new MachineRoot(options.Root)), options, failures);
        if (options.EffectiveProcRoot is { } proc)
        {
            failures.Attempt<object>("mapped-path-journal", () =>
            {
                owners.Resolve(ProcessTable.Read(proc, new HashSet<ulong>()).CodeFiles());
                return null;
            });
        }
        foreach (var package in packages.Distinct(StringComparer.Ordinal))
        {
            owners.Remember(package);
        }
        owners.Save();
    }
}
