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

    /// <summary>Gives the pages of the agent's own code back. They are clean copies of the file: what is needed again comes back from the page cache by itself.</summary>
    /// <remarks>Reading a machine touches most of the code, waiting touches little of it; without this the whole code would count as resident all day.</remarks>
    public static void ReturnCodePages()
    {
        if (Environment.ProcessPath is not { } program)
        {
            return;
        }
        foreach (var (start, length) in FindCodePages(File.ReadLines("/proc/self/maps"), program))
        {
            Native.ReturnPages(start, length);
        }
    }

    /// <summary>Mappings of a program that nothing ever writes to: its code, and the read-only data at its start. Pure.</summary>
    /// <param name="maps">Lines of <c>/proc/PID/maps</c>.</param>
    /// <param name="program">Path of the program.</param>
    /// <returns>Start and length of each.</returns>
    public static IEnumerable<(nuint Start, nuint Length)> FindCodePages(IEnumerable<string> maps, string program)
    {
        foreach (var line in maps)
        {
            // 5581c0-5589d0 r-xp 0055b000 fe:00 1234 /usr/local/bin/suture-agent
            if (line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries) is [var range, var rights, var offset, _, _, var path] && path == program
                && (rights == "r-xp" || (rights == "r--p" && offset.Trim('0').Length == 0)) && range.Split('-') is [var from, var to])
            {
                var start = nuint.Parse(from, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);
                var end = nuint.Parse(to, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);
                yield return (start, end - start);
            }
        }
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
