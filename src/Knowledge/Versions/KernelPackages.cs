namespace Suture.Knowledge.Versions;

/// <summary>Debian's names of kernel packages. Every rule about kernels asks here.</summary>
/// <remarks>
/// An image is <c>linux-image-RELEASE</c>, where the release is what <c>uname -r</c> prints and begins with a digit, or
/// <c>linux-image-RELEASE-unsigned</c>, the same kernel without a signature. <c>linux-image-RELEASE-dbg</c> holds symbols and boots nothing;
/// <c>linux-image-FLAVOUR</c> only pulls the newest image in. Source: debian/templates and debian/bin/gencontrol.py of Debian's source package linux.
/// </remarks>
public static class KernelPackages
{
    private const string Prefix = "linux-image-";
    private const string UnsignedEnding = "-unsigned";
    private const string SymbolsEnding = "-dbg";

    /// <summary>Release that a package boots as.</summary>
    /// <param name="package">Binary package.</param>
    /// <returns><c>6.1.0-37-amd64</c> of <c>linux-image-6.1.0-37-amd64</c> and of <c>linux-image-6.1.0-37-amd64-unsigned</c>; null for everything else.</returns>
    public static string? ReleaseOf(string package) => TakeRelease(package, out var release) ? release.ToString() : null;

    /// <summary>True for a package that holds a bootable kernel; it takes effect by a reboot.</summary>
    /// <param name="package">Binary package.</param>
    public static bool IsImage(string package) => TakeRelease(package, out _);

    /// <summary>True for a package that boots as the given release.</summary>
    /// <param name="package">Binary package.</param>
    /// <param name="release">As <c>uname -r</c> prints it.</param>
    public static bool Boots(string package, string release) => TakeRelease(package, out var boots) && boots.SequenceEqual(release);

    /// <summary>True also for the packages that pull the newest image in (<c>linux-image-amd64</c>): a change of these brings a kernel.</summary>
    /// <param name="package">Binary package.</param>
    public static bool BringsImage(string package)
    {
        ArgumentNullException.ThrowIfNull(package);
        return package.StartsWith(Prefix, StringComparison.Ordinal) && !package.EndsWith(SymbolsEnding, StringComparison.Ordinal);
    }

    private static bool TakeRelease(string package, out ReadOnlySpan<char> release)
    {
        release = default;
        if (!BringsImage(package))
        {
            return false;
        }
        var rest = package.AsSpan(Prefix.Length);
        release = rest.EndsWith(UnsignedEnding, StringComparison.Ordinal) ? rest[..^UnsignedEnding.Length] : rest;
        return !release.IsEmpty && char.IsAsciiDigit(release[0]);
    }
}
