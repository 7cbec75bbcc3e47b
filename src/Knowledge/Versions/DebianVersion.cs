namespace Suture.Knowledge.Versions;

/// <summary>Debian's version order (deb-version(7)).</summary>
public static class DebianVersion
{
    /// <summary>Compares two versions as <c>dpkg --compare-versions</c> does.</summary>
    /// <param name="left">A valid version.</param>
    /// <param name="right">A valid version.</param>
    /// <returns>-1, 0 or 1.</returns>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right) => throw new NotImplementedException();
}
