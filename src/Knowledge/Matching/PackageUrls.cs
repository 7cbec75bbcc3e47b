using Suture.Contracts.Inventory;
using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Matching;

/// <summary>Package URLs of one machine's packages; the findings of a package follow each other and share one.</summary>
internal sealed class PackageUrls(string? release)
{
    // The only distribution whose packages are judged.
    private const string Namespace = "debian";

    private InstalledPackage? last;
    private string? url;

    /// <summary>URL of a package of the distribution; null when the release is not known, or the package is another's.</summary>
    public string? Of(InstalledPackage package)
    {
        if (release is null || package.Origin != OriginKind.Distribution)
        {
            return null;
        }
        if (!ReferenceEquals(package, last))
        {
            last = package;
            url = new Purl { Namespace = Namespace, Name = package.Name, Version = package.Version, Architecture = package.Architecture, Distribution = release }.ToString();
        }
        return url;
    }
}
