namespace Suture.Exposure.Fixes;

/// <summary>Which packages are kernels.</summary>
internal static class Kernels
{
    private const string Prefix = "linux-image-";
    private const string UnsignedPrefix = "unsigned-";

    /// <summary>True for a bootable image, <c>linux-image-6.1.0-37-amd64</c>; it takes effect by a reboot.</summary>
    internal static bool IsImage(string package)
    {
        if (!IsImageOrMeta(package))
        {
            return false;
        }
        var release = package.AsSpan(Prefix.Length);
        release = release.StartsWith(UnsignedPrefix, StringComparison.Ordinal) ? release[UnsignedPrefix.Length..] : release;
        return !release.IsEmpty && char.IsAsciiDigit(release[0]);
    }

    /// <summary>True also for the package that pulls the newest image in, <c>linux-image-amd64</c>.</summary>
    internal static bool IsImageOrMeta(string package) => package.StartsWith(Prefix, StringComparison.Ordinal);
}
