namespace Suture.Knowledge.Matching;

/// <summary>Which packages are bootable kernel images.</summary>
internal static class KernelImage
{
    private const string Prefix = "linux-image-";
    private const string UnsignedPrefix = "unsigned-";

    /// <summary>Release that a package boots as.</summary>
    /// <param name="package">Binary package.</param>
    /// <returns><c>6.1.0-37-amd64</c> of <c>linux-image-6.1.0-37-amd64</c>; null for everything else, metapackages (<c>linux-image-amd64</c>) included.</returns>
    public static string? ReleaseOf(string package)
    {
        if (!package.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }
        var release = package.AsSpan(Prefix.Length);
        if (release.StartsWith(UnsignedPrefix, StringComparison.Ordinal))
        {
            release = release[UnsignedPrefix.Length..];
        }
        return !release.IsEmpty && char.IsAsciiDigit(release[0]) ? release.ToString() : null;
    }
}
