using Suture.Collect;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Matching;
using Suture.Knowledge.Versions;

namespace Suture.Bench.Loop;

/// <summary>A security update that this machine's own indexes offer for all its packages of one source: the packages as they are, and as the update leaves them.</summary>
internal sealed record Upgrade
{
    /// <summary>Source package.</summary>
    public required string Source { get; init; }

    /// <summary>Source version offered.</summary>
    public required string Version { get; init; }

    /// <summary>Packages as they are installed; at least one, in the order of <see cref="ReportDigest.Order"/>.</summary>
    public required IReadOnlyList<InstalledPackage> Old { get; init; }

    /// <summary>The same packages at the versions offered, in the same order.</summary>
    public required IReadOnlyList<InstalledPackage> New { get; init; }

    /// <summary>The machine's packages with this update made.</summary>
    public IReadOnlyList<InstalledPackage> ApplyTo(IReadOnlyList<InstalledPackage> packages)
    {
        var changed = New.ToDictionary(package => (package.Name, package.Architecture));
        return [.. packages.Select(package => changed.GetValueOrDefault((package.Name, package.Architecture)) ?? package)];
    }

    /// <summary>The machine's state with this update made: its indexes offer it no more.</summary>
    public MachineState ApplyTo(MachineState state) => state with { AvailableUpdates = [.. state.AvailableUpdates!.Where(update => update.Source != Source)] };
}

/// <summary>An update with what the matcher says of it, which is what the server must come to show.</summary>
/// <param name="Upgrade">The update.</param>
/// <param name="Findings">Findings of its source while it is not made, at least 1; none remain once it is.</param>
internal sealed record JudgedUpgrade(Upgrade Upgrade, int Findings);

/// <summary>Finds the updates with which findings can be made to come and go. Pure.</summary>
internal static class FindUpgrades
{
    // A kernel comes as a package of another name and takes a reboot.
    private const string Kernel = "linux";

    /// <summary>Pending security updates of whole sources; ordered by source.</summary>
    public static IReadOnlyList<Upgrade> Pending(CollectedMachine machine)
    {
        var installed = (machine.Packages ?? []).ToLookup(package => package.Source, StringComparer.Ordinal);
        return [.. (machine.State.AvailableUpdates ?? [])
            .Where(update => update.IsSecurity && update.Source != Kernel)
            .GroupBy(update => update.Source, StringComparer.Ordinal)
            .Select(updates => Make(updates.Key, [.. installed[updates.Key]], [.. updates]))
            .OfType<Upgrade>()
            .OrderBy(upgrade => upgrade.Source, StringComparer.Ordinal)];
    }

    /// <summary>Those of them with which findings come and go by these feeds, as the matcher says.</summary>
    public static IReadOnlyList<JudgedUpgrade> Judge(CollectedMachine machine, IReadOnlyList<Upgrade> pending, FeedSnapshot feeds)
    {
        var before = Match(machine.Packages!, machine.State, null, feeds);
        var open = before.Findings.Select(OpenFinding.From).ToList();
        return [.. pending
            .Where(upgrade => Count(Match(upgrade.ApplyTo(machine.Packages!), upgrade.ApplyTo(machine.State), open, feeds), upgrade) == 0)
            .Select(upgrade => new JudgedUpgrade(upgrade, Count(before, upgrade)))
            .Where(judged => judged.Findings > 0)];
    }

    private static Upgrade? Make(string source, IReadOnlyList<InstalledPackage> packages, IReadOnlyList<AvailableUpdate> updates)
    {
        var made = packages.Select(package => Updated(package, updates)).ToList();
        return made.Contains(null)
            ? null
            : new Upgrade { Source = source, Version = made[0]!.SourceVersion, Old = packages, New = [.. made.OfType<InstalledPackage>()] };
    }

    private static InstalledPackage? Updated(InstalledPackage package, IReadOnlyList<AvailableUpdate> updates) => updates
        .Where(update => update.Package == package.Name && update.Architecture == package.Architecture && package.Origin == OriginKind.Distribution)
        .OrderBy(update => update.Version, Comparer<string>.Create((left, right) => DebianVersion.Compare(left, right)))
        .Select(update => package with
        {
            Version = update.Version,
            SourceVersion = update.SourceVersion,
            OriginBasis = OriginBasis.Observed,
            OriginLabel = $"Debian {update.Suite}",
        })
        .LastOrDefault();

    private static MatchResult Match(IReadOnlyList<InstalledPackage> packages, MachineState state, IReadOnlyList<OpenFinding>? open, FeedSnapshot feeds) => Matcher.Match(
        new MatchInput { Release = state.OperatingSystem?.Codename, Packages = packages, State = state, PreviouslyOpen = open, UseOwnIndexes = true }, feeds);

    private static int Count(MatchResult result, Upgrade upgrade) => result.Findings.Count(finding => finding.Source == upgrade.Source);
}
