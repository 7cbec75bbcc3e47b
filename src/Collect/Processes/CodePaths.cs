namespace Suture.Collect.Processes;

/// <summary>Which mapped files can be code of a package, and the one form their paths are compared in.</summary>
internal static class CodePaths
{
    private const string DeletedMark = " (deleted)";

    /// <summary>Folders of a system whose <c>/lib</c>, <c>/bin</c> ... are links into <c>/usr</c>; packages and the kernel name either.</summary>
    private static readonly string[] Merged = ["/lib/", "/bin/", "/sbin/", "/lib64/", "/lib32/", "/libx32/"];

    /// <summary>Never code of a package: shared memory, devices, temporary files, and what drivers name like files.</summary>
    private static readonly string[] Ignored =
        ["/dev/", "/memfd:", "/SYSV", "/run/", "/tmp/", "/var/tmp/", "/proc/", "/sys/", "/[aio]", "anon_inode:", "/anon_hugepage", "/drm", "/i915"];

    private static readonly string[] Packaged = ["/usr/", "/opt/"];

    /// <summary>Takes the kernel's mark off a path.</summary>
    /// <param name="path">Path as the kernel writes it.</param>
    /// <param name="isDeleted">True when the file is no longer under that name.</param>
    public static string WithoutMark(string path, out bool isDeleted)
    {
        isDeleted = path.EndsWith(DeletedMark, StringComparison.Ordinal);
        var plain = isDeleted ? path[..^DeletedMark.Length] : path;
        foreach (var suffix in new[] { ".dpkg-new", ".dpkg-tmp" })
        {
            if (isDeleted && plain.EndsWith(suffix, StringComparison.Ordinal))
            {
                return plain[..^suffix.Length]; // dpkg's names for a file that it is about to put in place or has just replaced
            }
        }
        return plain;
    }

    /// <summary>True when a mapped file says nothing about packages.</summary>
    public static bool IsIgnored(string path) => Array.Exists(Ignored, start => path.StartsWith(start, StringComparison.Ordinal));

    /// <summary>The path with <c>/usr</c> before merged folders.</summary>
    public static string Canonical(string path) =>
        Array.Exists(Merged, start => path.StartsWith(start, StringComparison.Ordinal)) ? "/usr" + path : path;

    /// <summary>True when packages put code there: below <c>/usr</c> (not <c>/usr/local</c>) and <c>/opt</c>.</summary>
    /// <param name="canonical">A path from <see cref="Canonical"/>.</param>
    public static bool IsPackaged(string canonical) =>
        Array.Exists(Packaged, start => canonical.StartsWith(start, StringComparison.Ordinal)) && !canonical.StartsWith("/usr/local/", StringComparison.Ordinal);

    /// <summary>True when a file of a package may come to be mapped: a library or a program.</summary>
    /// <param name="canonical">A path from <see cref="Canonical"/>.</param>
    public static bool IsProgramOrLibrary(string canonical) =>
        IsPackaged(canonical)
        && (canonical.Contains(".so", StringComparison.Ordinal) || canonical.EndsWith(".jar", StringComparison.Ordinal) || canonical.EndsWith(".dll", StringComparison.Ordinal)
            || canonical.Contains("/bin/", StringComparison.Ordinal) || canonical.Contains("/sbin/", StringComparison.Ordinal)
            || canonical.Contains("/libexec/", StringComparison.Ordinal) || canonical.StartsWith("/opt/", StringComparison.Ordinal)
            || canonical.LastIndexOf('.') < canonical.LastIndexOf('/')) // /usr/lib/postfix/sbin, /usr/lib/systemd/systemd
        && !canonical.StartsWith("/usr/share/doc/", StringComparison.Ordinal) && !canonical.StartsWith("/usr/share/man/", StringComparison.Ordinal);
}
