using Suture.Agent.Platforms.Linux;
using Suture.Agent.Reports;
using Suture.Contracts.Jobs;
using Suture.Knowledge.Versions;

namespace Suture.Agent.Jobs;

/// <summary>Why a job goes no further, or that it may. <see cref="Reason"/> null means: go on.</summary>
/// <param name="Reason">Short reason for programs.</param>
/// <param name="Detail">One sentence.</param>
internal sealed record Check(string? Reason, string Detail)
{
    /// <summary>Nothing speaks against it.</summary>
    public static Check Passed { get; } = new(null, "");

    /// <summary>True when nothing speaks against it.</summary>
    public bool IsPassed => Reason is null;

    /// <summary>Installed packages that apt would have upgraded as well and that the job does not name, when that is the reason.</summary>
    public IReadOnlyList<PackageChange> Unapproved { get; init; } = [];
}

/// <summary>Decisions of <c>ensure-package</c>; pure, so that each row of them has its test.</summary>
internal static class EnsureDecision
{
    private const int NamedMax = 10;
    private static readonly IReadOnlySet<string> NoOrigin = new HashSet<string>();

    /// <summary>What of the wanted packages has to change. A package that is not there needs nothing: what is not installed has no finding.</summary>
    /// <param name="wanted">From the job.</param>
    /// <param name="installed">By name and architecture.</param>
    /// <returns>Packages below their minimum version; empty when the machine is already so.</returns>
    public static IReadOnlyList<JobPackage> Missing(IReadOnlyList<JobPackage> wanted, IReadOnlyDictionary<string, DpkgPackage> installed) =>
        [.. wanted.Where(package => Find(installed, package) is { } now && !(now.IsWell && DebianVersion.Compare(now.Version, package.MinimumVersion) >= 0))];

    /// <summary>Whether the missing ones may be changed at all.</summary>
    /// <param name="missing">From <see cref="Missing"/>.</param>
    /// <param name="installed">By name and architecture.</param>
    /// <returns>A refusal for a held package or a downgrade.</returns>
    public static Check MayChange(IReadOnlyList<JobPackage> missing, IReadOnlyDictionary<string, DpkgPackage> installed)
    {
        foreach (var package in missing)
        {
            var now = Find(installed, package)!;
            if (now.IsHeld)
            {
                return new Check("held", $"{now.Key} is held at {now.Version} by this machine's administrator (apt-mark unhold releases it).");
            }
            if (DebianVersion.Compare(now.Version, package.Version) > 0)
            {
                return new Check("downgrade", $"{now.Key} is at {now.Version}, above {package.Version}; this verb never goes back.");
            }
        }
        return Check.Passed;
    }

    /// <summary>Whether what dpkg has not finished are only packages that this job itself began to change.</summary>
    /// <param name="job">The job.</param>
    /// <param name="installed">Packages now; null when unknown.</param>
    /// <returns>False when something else is unfinished, or nothing is.</returns>
    public static bool IsOwnWork(JobRecord job, IReadOnlyDictionary<string, DpkgPackage>? installed)
    {
        var own = job.Effects.FirstOrDefault(effect => effect.Before is not null)?.Before;
        var unfinished = installed?.Values.Where(package => package is { IsPresent: true, IsWell: false }).ToList();
        return own is not null && unfinished is { Count: > 0 } && unfinished.All(package => own.ContainsKey(package.Key));
    }

    /// <summary>Whether what apt would do is what was approved: every target in its exact version, nothing else upgraded, nothing removed, nothing taken back.</summary>
    /// <remarks>Packages that come along newly are judged by <see cref="AreOfOneOrigin"/>.</remarks>
    /// <param name="simulation">What apt says.</param>
    /// <param name="missing">What has to change.</param>
    /// <param name="wanted">All that the job names.</param>
    /// <param name="installed">By name and architecture.</param>
    /// <returns>The verdict.</returns>
    public static Check Judge(
        AptSimulation simulation, IReadOnlyList<JobPackage> missing, IReadOnlyList<JobPackage> wanted, IReadOnlyDictionary<string, DpkgPackage> installed)
    {
        if (simulation.Unreadable.Count > 0)
        {
            return new Check("simulation-unreadable", $"apt's simulation has a step this agent cannot read: {simulation.Unreadable[0]}");
        }
        if (simulation.Removes.Count > 0)
        {
            return new Check("removes-packages", $"The change would remove {string.Join(", ", simulation.Removes.Take(NamedMax))}.");
        }
        if (simulation.Installs.FirstOrDefault(step => step.From is not null && DebianVersion.Compare(step.To, step.From) < 0) is { } back)
        {
            return new Check("downgrade", $"The change would take {back.Name} back from {back.From} to {back.To}.");
        }
        var others = simulation.Installs.Where(step => step.From is not null && !wanted.Any(package => IsOf(step, package))).ToList();
        if (others.Count > 0)
        {
            return new Check("unapproved-upgrade", $"apt would also upgrade {Words(others)}, which the job does not name.")
            {
                Unapproved = [.. others.Take(JobLimits.PackagesMax).Select(step => new PackageChange { Package = step.Name, From = step.From, To = step.To })],
            };
        }
        return missing.FirstOrDefault(package => !simulation.Installs.Any(step => IsOf(step, package)) && !IsUnpacked(package, installed)) is { } lacking
            ? new Check("not-offered", $"apt would not bring {lacking.Name}:{lacking.Architecture} to {lacking.Version}.")
            : Check.Passed;
    }

    /// <summary>Whether putting files back would do that and nothing else.</summary>
    /// <param name="simulation">What apt says.</param>
    /// <param name="wanted">All that the job names.</param>
    /// <returns>The verdict.</returns>
    public static Check JudgeRestore(AptSimulation simulation, IReadOnlyList<JobPackage> wanted)
    {
        if (simulation.Unreadable.Count + simulation.Removes.Count > 0)
        {
            return new Check("removes-packages", $"The change would remove {string.Join(", ", simulation.Removes.Concat(simulation.Unreadable).Take(NamedMax))}.");
        }
        var others = simulation.Installs.Where(step => !wanted.Any(package => IsOf(step, package))).ToList();
        return others.Count == 0 ? Check.Passed : new Check("unapproved-upgrade", $"apt would also install {Words(others)}, which the job does not name.");
    }

    /// <summary>Whether the packages of the distribution stay its own: advisories speak of its versions only, so that a higher one of somebody else's mends nothing.</summary>
    /// <param name="targets">Packages to be upgraded, in their new versions.</param>
    /// <param name="installed">By name and architecture.</param>
    /// <param name="known">Whose the installed ones are.</param>
    /// <param name="origins">Origins of the targets, from <see cref="AptPolicy.Origins"/>.</param>
    /// <returns>A refusal when no repository of the distribution offers the version of a package that is not known to be a third party's.</returns>
    public static Check StaysWithTheDistribution(
        IReadOnlyCollection<JobTarget> targets, IReadOnlyDictionary<string, DpkgPackage> installed, PackageOrigins known,
        IReadOnlyDictionary<JobTarget, IReadOnlySet<string>> origins)
    {
        var strange = targets.Where(target => !IsThirdParty(target, installed, known)
            && !(origins.GetValueOrDefault(target) ?? NoOrigin).Contains(known.Distribution, StringComparer.OrdinalIgnoreCase)).ToList();
        return strange.Count == 0
            ? Check.Passed
            : new Check(
                "unapproved-origin",
                $"{Words([.. strange.Select(target => new AptStep(target.Name, target.Architecture, null, target.Version))])} "
                + $"comes from {OriginWords(strange.SelectMany(target => origins.GetValueOrDefault(target) ?? NoOrigin))}, "
                + $"and what is installed is not known to be a third party's: only repositories of {known.Distribution} may upgrade it.");
    }

    /// <summary>Whether packages that come along newly come from where the approved ones come from: all of them from repositories of one and the same stated origin.</summary>
    /// <param name="added">Packages that are not installed yet; not empty.</param>
    /// <param name="targets">Packages that were approved.</param>
    /// <param name="origins">Origins of both, from <see cref="AptPolicy.Origins"/>.</param>
    /// <returns>The verdict; a version that no repository offers, or one that states no origin, is a refusal.</returns>
    public static Check AreOfOneOrigin(
        IReadOnlyList<AptStep> added, IReadOnlyList<JobTarget> targets, IReadOnlyDictionary<JobTarget, IReadOnlySet<string>> origins)
    {
        var approved = targets.SelectMany(target => origins.GetValueOrDefault(target) ?? NoOrigin).ToHashSet();
        var strange = added.Where(step => approved.Count != 1 || approved.Contains("") || !approved.SetEquals(origins.GetValueOrDefault(step.Target) ?? NoOrigin)).ToList();
        return strange.Count == 0
            ? Check.Passed
            : new Check(
                "unapproved-origin",
                $"The change would newly install {Words(strange)} from {OriginWords(strange.SelectMany(step => origins.GetValueOrDefault(step.Target) ?? NoOrigin))}; "
                + $"what was approved comes from {OriginWords(approved)}.");
    }

    /// <summary>Whether there is room: twice what is downloaded, and what is unpacked besides.</summary>
    /// <param name="records">Package files of the change.</param>
    /// <param name="freeBytes">Free bytes of each file system that is written to, by a directory of it.</param>
    /// <returns>The verdict.</returns>
    public static Check HasRoom(IReadOnlyCollection<AptRecord> records, IReadOnlyDictionary<string, long> freeBytes)
    {
        var needed = records.Aggregate(0L, (sum, record) => sum + (2 * Math.Min(record.SizeBytes, long.MaxValue / 1024)) + Math.Min(record.InstalledBytes, long.MaxValue / 1024));
        return freeBytes.FirstOrDefault(place => place.Value < needed) is { Key: { } place } short1
            ? new Check("disk-full", $"{place} has {short1.Value / 1_000_000} MB free, {needed / 1_000_000} MB are needed.")
            : Check.Passed;
    }

    /// <summary>Whether the indexes offer the very file that was approved.</summary>
    /// <param name="package">From the job.</param>
    /// <param name="records">What the indexes hold of that version.</param>
    /// <returns>The verdict.</returns>
    public static Check IsApprovedFile(JobPackage package, IReadOnlyList<AptRecord> records) => records switch
    {
        { Count: 0 } => new Check("version-not-available", $"No index of this machine holds {package.Name} {package.Version} for {package.Architecture}."),
        _ when records.Any(record => record.Sha256 == package.Sha256) => Check.Passed,
        _ => new Check("hash-mismatch", $"{package.Name} {package.Version} has hash {records[0].Sha256} in this machine's index, approved was {package.Sha256}."),
    };

    /// <summary>Which of the files that the indexes name for a step may be installed: any of them, but for a package that the job names only the approved one.</summary>
    /// <param name="step">What apt would install.</param>
    /// <param name="wanted">From the job.</param>
    /// <param name="records">What the indexes hold of that version.</param>
    /// <returns>May be empty: then nothing may.</returns>
    public static IReadOnlyList<AptRecord> Approved(AptStep step, IReadOnlyList<JobPackage> wanted, IReadOnlyList<AptRecord> records) =>
        wanted.FirstOrDefault(package => IsOf(step, package)) is { } named ? [.. records.Where(record => record.Sha256 == named.Sha256)] : records;

    /// <summary>What changed since a look that was written down.</summary>
    /// <param name="before">Versions by name and architecture of all that could change; empty text for what was not there.</param>
    /// <param name="after">Packages now.</param>
    /// <returns>Changes ordered by package; empty when none.</returns>
    public static IReadOnlyList<PackageChange> Changes(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, DpkgPackage> after) =>
    [
        .. before.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new PackageChange
            {
                Package = pair.Key.Split(':')[0],
                From = pair.Value.Length == 0 ? null : pair.Value,
                To = after.GetValueOrDefault(pair.Key) is { IsPresent: true } now ? now.Version : null,
            })
            .Where(change => change.From != change.To),
    ];

    /// <summary>What changed since a job first began to change something.</summary>
    /// <param name="job">The job.</param>
    /// <param name="now">Packages now.</param>
    /// <returns>Changes ordered by package; empty when none.</returns>
    public static IReadOnlyList<PackageChange> ChangesSince(JobRecord job, IReadOnlyDictionary<string, DpkgPackage> now) =>
        job.Effects.FirstOrDefault(effect => effect.Before is not null)?.Before is { } before ? Changes(before, now) : [];

    /// <summary>Versions of packages that are about to change, as they are written down before.</summary>
    /// <param name="keys">Each as <c>name:architecture</c>.</param>
    /// <param name="installed">Packages now.</param>
    /// <returns>Versions by key; empty text for what is not there.</returns>
    public static IReadOnlyDictionary<string, string> Versions(IEnumerable<string> keys, IReadOnlyDictionary<string, DpkgPackage> installed) =>
        keys.Distinct().ToDictionary(key => key, key => installed.GetValueOrDefault(key) is { IsPresent: true } now ? now.Version : "");

    /// <summary>Packages and versions in words.</summary>
    /// <param name="steps">Steps.</param>
    /// <returns><c>openssl 3.0.22-1, ...</c>, at most <see cref="NamedMax"/> of them.</returns>
    public static string Words(IReadOnlyCollection<AptStep> steps) =>
        string.Join(", ", steps.Take(NamedMax).Select(step => $"{step.Name} {step.To}")) + (steps.Count > NamedMax ? $" and {steps.Count - NamedMax} more" : "");

    private static string OriginWords(IEnumerable<string> origins) =>
        string.Join(", ", origins.Select(origin => origin.Length == 0 ? "an unknown origin" : origin).Distinct().DefaultIfEmpty("no repository").Take(NamedMax));

    private static bool IsOf(AptStep step, JobPackage package) =>
        step.Name == package.Name && step.Architecture == package.Architecture && step.To == package.Version;

    /// <summary>Unpacked by an earlier attempt: apt has only to configure it.</summary>
    private static bool IsUnpacked(JobPackage package, IReadOnlyDictionary<string, DpkgPackage> installed) =>
        Find(installed, package) is { IsUnpacked: true } now && now.Version == package.Version;

    private static bool IsThirdParty(JobTarget target, IReadOnlyDictionary<string, DpkgPackage> installed, PackageOrigins known) =>
        installed.GetValueOrDefault($"{target.Name}:{target.Architecture}") is { } now && known.ThirdParty.Contains($"{now.Key}={now.Version}");

    private static DpkgPackage? Find(IReadOnlyDictionary<string, DpkgPackage> installed, JobPackage package) =>
        installed.GetValueOrDefault($"{package.Name}:{package.Architecture}") is { IsPresent: true } found ? found : null;
}
