namespace Suture.Agent.Platforms.Linux;

/// <summary>The agent's own process: whether it still runs code that was replaced on disk, and how it starts anew.</summary>
internal static class OwnImage
{
    /// <summary>Whether this process maps a file that was replaced or removed since.</summary>
    /// <returns>The first such file; null when there is none or it cannot be told.</returns>
    public static string? FindReplacedFile()
    {
        try
        {
            return FindReplacedFile(File.ReadLines("/proc/self/maps"));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The same over given lines. Pure.</summary>
    /// <param name="maps">Lines of <c>/proc/PID/maps</c>.</param>
    /// <returns>The first replaced file of the system's programs and libraries; null when there is none.</returns>
    public static string? FindReplacedFile(IEnumerable<string> maps)
    {
        const string Mark = " (deleted)";
        foreach (var line in maps)
        {
            var slash = line.IndexOf('/', StringComparison.Ordinal);
            if (slash > 0 && line.EndsWith(Mark, StringComparison.Ordinal))
            {
                var path = line[slash..^Mark.Length];
                if (path.StartsWith("/usr/", StringComparison.Ordinal) || path.StartsWith("/lib", StringComparison.Ordinal) || path.StartsWith("/opt/", StringComparison.Ordinal))
                {
                    return path;
                }
            }
        }
        return null;
    }

    /// <summary>Replaces this process by a fresh one of the same program with the same arguments. Returns only when that cannot be done.</summary>
    /// <returns>The error number.</returns>
    public static int StartAnew()
    {
        const string Mark = " (deleted)";
        var program = File.ResolveLinkTarget("/proc/self/exe", returnFinalTarget: false)?.FullName ?? Environment.ProcessPath ?? "";
        program = program.EndsWith(Mark, StringComparison.Ordinal) ? program[..^Mark.Length] : program;
        return Native.Replace(program, [program, .. Environment.GetCommandLineArgs().Skip(1)]);
    }
}
