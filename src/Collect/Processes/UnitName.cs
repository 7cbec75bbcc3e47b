namespace Suture.Collect.Processes;

/// <summary>Finds the systemd service a process belongs to by its control group.</summary>
internal static class UnitName
{
    private const string SystemdItself = "/init.scope";

    /// <summary>The service in a <c>cgroup</c> file.</summary>
    /// <param name="text">Content of <c>/proc/PID/cgroup</c>.</param>
    /// <param name="initGroup">Group of the machine's init as <see cref="GroupOf"/> gives it: in a container without a namespace of its own every path starts with its parent.</param>
    /// <returns>The first service below init's parent, <c>nginx.service</c>; <c>init.scope</c> for systemd itself; null in a session or outside systemd.</returns>
    public static string? Of(string text, string initGroup)
    {
        var group = GroupOf(text);
        var parent = initGroup.EndsWith(SystemdItself, StringComparison.Ordinal) ? initGroup[..^SystemdItself.Length] : initGroup.TrimEnd('/');
        if (parent.Length > 0 && group.StartsWith(parent + "/", StringComparison.Ordinal))
        {
            group = group[parent.Length..];
        }
        if (group == SystemdItself)
        {
            return SystemdItself[1..];
        }
        foreach (var part in group.Split('/'))
        {
            if (part.EndsWith(".service", StringComparison.Ordinal))
            {
                return Unescape(part);
            }
        }
        return null;
    }

    /// <summary>The group in systemd's own hierarchy: the unified one, else the one named <c>systemd</c>.</summary>
    public static string GroupOf(string text)
    {
        var unified = "/";
        foreach (var line in text.Split('\n'))
        {
            if (line.Contains(":name=systemd:", StringComparison.Ordinal) && !line.EndsWith(":/", StringComparison.Ordinal))
            {
                return line[(line.IndexOf(":name=systemd:", StringComparison.Ordinal) + ":name=systemd:".Length)..];
            }
            if (line.StartsWith("0::", StringComparison.Ordinal))
            {
                unified = line[3..];
            }
        }
        return unified;
    }

    /// <summary>systemd puts an underscore before group names that the kernel reserves (systemd.unit(5)); everything else stands as the unit is named.</summary>
    private static string Unescape(string part) => part.StartsWith('_') ? part[1..] : part;
}
