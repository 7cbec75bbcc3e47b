namespace Suture.Exposure.Fixes;

/// <summary>Which packages are kernel images or pull one in.</summary>
internal static class Kernels
{
    private const string Prefix = "linux-image-";

    internal static bool IsImage(string package) => package.StartsWith(Prefix, StringComparison.Ordinal);
}
