using Suture.Agent.State;
using Suture.Contracts.Inventory;

namespace Suture.Agent.Reports;

/// <summary>Turns facts into the smallest report that tells them: digests alone, a difference, or everything. Pure.</summary>
internal static class BuildReport
{
    /// <summary>A difference with more entries than this part of all packages is sent as a whole instead.</summary>
    private const int DeltaWorthDivisor = 2;

    /// <summary>Builds a report.</summary>
    /// <param name="facts">What was read.</param>
    /// <param name="memory">What the server is known to have.</param>
    /// <param name="baseSoftware">The software behind <see cref="ReportMemory.SoftwareDigest"/>; null when not kept.</param>
    /// <param name="ask">What kind of report is wanted.</param>
    /// <returns>The report; its sequence is the one after the memory's.</returns>
    public static AssetReport From(MachineFacts facts, ReportMemory memory, IReadOnlyList<InstalledPackage>? baseSoftware, ReportAsk ask)
    {
        var softwareDigest = facts.Packages is null ? null : ReportDigest.OfSoftware(facts.Packages);
        var stateDigest = ReportDigest.OfState(facts.State);
        var report = new AssetReport
        {
            Schema = 1,
            BootId = facts.BootId,
            Sequence = memory.Sequence + 1,
            TakenUtc = facts.TakenUtc,
            AgentVersion = ask.AgentVersion,
            ObservedOnly = ask.ObservedOnly,
            HostName = facts.HostName,
            SoftwareDigest = softwareDigest,
            StateDigest = stateDigest,
            State = ask.IsFull || stateDigest != memory.StateDigest ? facts.State : null,
            Vitals = facts.Vitals,
            AfterJob = ask.AfterJob,
        };
        if (facts.Packages is null || (!ask.IsFull && softwareDigest == memory.SoftwareDigest))
        {
            return report;
        }
        var delta = ask.IsFull || baseSoftware is null || memory.SoftwareDigest is null ? null : Difference(baseSoftware, facts.Packages);
        return delta is not null && delta.Set.Count + delta.Removed.Count <= facts.Packages.Count / DeltaWorthDivisor
            ? report with { BaseDigest = memory.SoftwareDigest, SoftwareDelta = delta }
            : report with { Software = facts.Packages };
    }

    /// <summary>Whether the facts differ from what the server has.</summary>
    /// <param name="facts">What was read.</param>
    /// <param name="memory">What the server is known to have.</param>
    /// <returns>True when a report would tell something new.</returns>
    public static bool Differs(MachineFacts facts, ReportMemory memory) =>
        ReportDigest.OfState(facts.State) != memory.StateDigest
        || (facts.Packages is null ? null : ReportDigest.OfSoftware(facts.Packages)) != memory.SoftwareDigest;

    /// <summary>What came and went.</summary>
    /// <param name="before">Packages before.</param>
    /// <param name="after">Packages now.</param>
    /// <returns>The difference; applied to <paramref name="before"/> it gives <paramref name="after"/>.</returns>
    public static SoftwareDelta Difference(IReadOnlyList<InstalledPackage> before, IReadOnlyList<InstalledPackage> after)
    {
        var old = before.ToDictionary(Key);
        var set = new List<InstalledPackage>();
        foreach (var package in after)
        {
            if (!old.Remove(Key(package), out var had) || had != package)
            {
                set.Add(package);
            }
        }
        return new SoftwareDelta { Set = set, Removed = [.. old.Keys.Order(StringComparer.Ordinal)] };
    }

    private static string Key(InstalledPackage package) => $"{package.Name}:{package.Architecture}";
}

/// <summary>Which report is wanted.</summary>
internal sealed record ReportAsk
{
    /// <summary>Everything, whatever the server has.</summary>
    public required bool IsFull { get; init; }

    /// <summary>The job it follows; null for one by schedule.</summary>
    public Guid? AfterJob { get; init; }

    /// <summary>See <see cref="AssetReport.AgentVersion"/>.</summary>
    public required string AgentVersion { get; init; }

    /// <summary>See <see cref="AssetReport.ObservedOnly"/>.</summary>
    public required bool ObservedOnly { get; init; }
}
