using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Matching;

/// <summary>The kernel that runs, beside those that are installed.</summary>
internal sealed class KernelView
{
    private readonly RunningKernel? running;
    private readonly List<InstalledPackage> images = [];
    private readonly InstalledPackage? runningImage;

    private KernelView(MatchInput asset)
    {
        running = asset.State?.RunningKernel;
        foreach (var package in asset.Packages ?? [])
        {
            if (package.Origin == OriginKind.Distribution && KernelPackages.ReleaseOf(package.Name) is { } release)
            {
                images.Add(package);
                runningImage = IsKnown && release == running!.Release ? package : runningImage;
            }
        }
        Removable = FindRemovable();
    }

    /// <summary>True when it is known which kernel runs, and it is the machine's own.</summary>
    public bool IsKnown => running is { IsForeign: false };

    /// <summary>True in a container, where the kernel is the host's.</summary>
    public bool IsForeign => running is { IsForeign: true };

    /// <summary>Source version that runs; null when the kernel does not say, then its package's counts.</summary>
    public string? RunningVersion => IsKnown ? running!.SourceVersion : null;

    /// <summary>Installed images that do not run and are not newer than the one that does; ordered by release. Empty while it is unknown which image runs.</summary>
    public IReadOnlyList<InstalledKernel> Removable { get; }

    public static KernelView Of(MatchInput asset) => new(asset);

    public bool Runs(string release) => IsKnown && running!.Release == release;

    /// <summary>True when some installed image of the source has the fix, so that a reboot brings it into effect.</summary>
    public bool HasFixedImage(string source, string fixedVersion)
    {
        foreach (var image in images)
        {
            if (image.Source == source && DebianVersion.Compare(image.SourceVersion, fixedVersion) >= 0)
            {
                return true;
            }
        }
        return false;
    }

    public void NameUnknown(List<UnknownItem> unknown)
    {
        var reason = this switch
        {
            { IsForeign: true } => $"The machine is a container: kernel {running!.Release} is its host's and is judged there, not here.",
            { IsKnown: false } when images.Count > 0 => $"Which kernel runs is not known, so {(images.Count == 1 ? "1 installed kernel image is" : $"{images.Count} installed kernel images are")} not judged. A report of the running machine makes it known.",
            { IsKnown: true, runningImage: null } => $"Kernel {running!.Release} runs, but no installed package of the distribution provides it: no feed covers it. Boot an installed kernel, or follow its maker's advisories.",
            _ => null,
        };
        if (reason is not null)
        {
            unknown.Add(new UnknownItem { Subject = "running-kernel", Reason = reason });
        }
    }

    private List<InstalledKernel> FindRemovable()
    {
        var removable = new List<InstalledKernel>();
        if (runningImage is null)
        {
            return removable;
        }
        var version = RunningVersion ?? runningImage.SourceVersion;
        foreach (var image in images)
        {
            var release = KernelPackages.ReleaseOf(image.Name)!;
            if (!Runs(release) && DebianVersion.Compare(image.SourceVersion, version) <= 0)
            {
                removable.Add(new InstalledKernel { Package = image.Name, Release = release, SourceVersion = image.SourceVersion, IsRunning = false });
            }
        }
        removable.Sort(static (left, right) => string.CompareOrdinal(left.Release, right.Release));
        return removable;
    }
}
