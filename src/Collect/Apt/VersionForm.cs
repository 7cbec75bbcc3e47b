namespace Suture.Collect.Apt;

/// <summary>Whose work a version looks like by its form.</summary>
internal enum VersionForm
{
    /// <summary>No mark of anyone.</summary>
    Plain = 1,
    /// <summary>The distribution's own update or backport: <c>+deb12u1</c>, <c>~deb12u1</c>, <c>~bpo12+1</c>.</summary>
    Distribution = 2,
    /// <summary>Marks that only other repositories use: <c>pgdg120</c>, <c>1nodesource1</c>, <c>~debian.12~bookworm</c>, <c>+maria~deb12</c>.</summary>
    ThirdParty = 3,
}

/// <summary>Tells the form of a version.</summary>
internal static class VersionForms
{
    /// <summary>Marks of repositories and derivatives that name themselves in versions; none stands in any version of Debian 12's own archive. A mark equal to the machine's own distribution does not count.</summary>
    private static readonly string[] Marks =
    [
        "ubuntu", "pgdg", "nodesource", "ppa", "+deb.sury", "+0~20", "+maria", "percona", "proxmox", "+pve", "~pve", "-dmo", "+rpi", "+rpt", "raspbian", "kali",
        "~debian.", "~buster", "~bullseye", "~bookworm", "~trixie", "~forky", "~focal", "~jammy", "~noble", "+bullseye", "+bookworm", "+trixie", "-bullseye", "-bookworm", "-trixie",
    ];

    /// <summary>Tells the form.</summary>
    /// <param name="version">A version as dpkg has it.</param>
    /// <param name="distribution"><c>ID</c> of <c>os-release</c>.</param>
    public static VersionForm Of(string version, string distribution)
    {
        foreach (var mark in Marks)
        {
            if (!mark.Equals(distribution, StringComparison.OrdinalIgnoreCase) && version.Contains(mark, StringComparison.OrdinalIgnoreCase))
            {
                return VersionForm.ThirdParty;
            }
        }
        var isDistribution = false;
        foreach (var mark in new[] { "+deb", "~deb", "~bpo" })
        {
            for (var at = version.IndexOf(mark, StringComparison.Ordinal); at >= 0; at = version.IndexOf(mark, at + 1, StringComparison.Ordinal))
            {
                var end = Digits(version, at + mark.Length);
                if (end == at + mark.Length)
                {
                    continue;
                }
                if (!IsSeries(version, end, mark))
                {
                    return VersionForm.ThirdParty; // ~deb12 with no update number is how others mark their builds
                }
                isDistribution = true;
            }
        }
        return isDistribution ? VersionForm.Distribution : VersionForm.Plain;
    }

    /// <summary>Upstream part: without epoch and revision.</summary>
    /// <param name="version">A version as dpkg has it.</param>
    public static string UpstreamOf(string version)
    {
        var start = version.IndexOf(':', StringComparison.Ordinal) + 1;
        var end = version.LastIndexOf('-');
        return end > start ? version[start..end] : version[start..];
    }

    private static bool IsSeries(string version, int end, string mark) =>
        end < version.Length && version[end] == (mark == "~bpo" ? '+' : 'u') && Digits(version, end + 1) > end + 1;

    private static int Digits(string version, int from)
    {
        while (from < version.Length && char.IsAsciiDigit(version[from]))
        {
            from++;
        }
        return from;
    }
}
