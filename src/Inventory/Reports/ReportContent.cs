using System.Security.Cryptography;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Inventory;

namespace Suture.Inventory.Reports;

/// <summary>A report's content, checked and ready to be stored. What was not sent is null: the server has it.</summary>
internal sealed record ReportContent
{
    public byte[]? Software { get; init; }
    public int Packages { get; init; }
    public byte[]? State { get; init; }
    public StateSummary? Summary { get; init; }
}

/// <summary>What the asset's row takes from a state.</summary>
internal sealed record StateSummary
{
    public string? Release { get; init; }
    public string? OperatingSystem { get; init; }

    /// <summary>True when something listens beyond loopback; null when unknown.</summary>
    public bool? IsListening { get; init; }

    /// <summary>Digest of the package indexes and what they offer.</summary>
    public required string IndexesDigest { get; init; }

    public static StateSummary Of(MachineState state) => new()
    {
        Release = state.OperatingSystem?.Codename,
        OperatingSystem = state.OperatingSystem?.PrettyName,
        IsListening = state.Listening?.Any(socket => !socket.IsLoopbackOnly),
        IndexesDigest = IndexesOf(state),
    };

    private static string IndexesOf(MachineState state)
    {
        var indexes = new MachineState { AvailableUpdates = state.AvailableUpdates, PackageIndexes = state.PackageIndexes, Failures = [] };
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(indexes, ContractsJson.Default.MachineState)));
    }
}

/// <summary>Why content cannot be stored.</summary>
internal enum ContentOutcome
{
    /// <summary>It can.</summary>
    Good = 1,
    /// <summary>The difference does not lead to the digest, or its base is gone: everything is needed.</summary>
    FullWanted = 2,
    /// <summary>The digest is not that of what was sent.</summary>
    Lie = 3,
}

/// <summary>Computes the digests again and packs the content.</summary>
internal static class PrepareContent
{
    /// <summary>Prepares what a report sends.</summary>
    /// <param name="report">A checked report.</param>
    /// <param name="baseSoftware">Software that its difference starts from; null when it has none or the store has not.</param>
    public static (ContentOutcome Outcome, string? Fault, ReportContent Content) Prepare(AssetReport report, IReadOnlyList<InstalledPackage>? baseSoftware)
    {
        var content = new ReportContent();
        if (report.State is { } state)
        {
            if (ReportDigest.OfState(state) != report.StateDigest)
            {
                return (ContentOutcome.Lie, "stateDigest", content);
            }
            content = content with { State = PackedJson.Pack(state, ContractsJson.Default.MachineState), Summary = StateSummary.Of(state) };
        }
        if (report.Software is null && report.SoftwareDelta is null)
        {
            return (ContentOutcome.Good, null, content);
        }
        var packages = report.Software ?? Apply(baseSoftware, report.SoftwareDelta!);
        if (packages is null || packages.Count > InventoryLimits.PackagesMax || ReportDigest.OfSoftware(packages) != report.SoftwareDigest)
        {
            return report.Software is null ? (ContentOutcome.FullWanted, null, content) : (ContentOutcome.Lie, "softwareDigest", content);
        }
        return (ContentOutcome.Good, null, content with
        {
            Software = PackedJson.Pack(packages, ContractsJson.Default.IReadOnlyListInstalledPackage),
            Packages = packages.Count,
        });
    }

    private static IReadOnlyList<InstalledPackage>? Apply(IReadOnlyList<InstalledPackage>? baseSoftware, SoftwareDelta delta)
    {
        if (baseSoftware is null)
        {
            return null;
        }
        var packages = baseSoftware.ToDictionary(Key, StringComparer.Ordinal);
        foreach (var removed in delta.Removed)
        {
            packages.Remove(removed);
        }
        foreach (var package in delta.Set)
        {
            packages[Key(package)] = package;
        }
        return ReportDigest.Order(packages.Values);
    }

    private static string Key(InstalledPackage package) => $"{package.Name}:{package.Architecture}";
}
