using Suture.Collect.Dpkg;
using Suture.Collect.Files;
using Suture.Contracts.Inventory;

namespace Suture.Collect.Host;

/// <summary>Reads <c>os-release</c> (os-release(5)).</summary>
internal static class OsRelease
{
    /// <summary>Reads it with the native architecture.</summary>
    /// <param name="root">The machine.</param>
    /// <param name="status">dpkg's status; null when it could not be read.</param>
    public static OperatingSystemRelease Read(MachineRoot root, StatusContent? status)
    {
        var fields = ReadFields(root);
        return new OperatingSystemRelease
        {
            Id = IdOf(fields),
            Codename = fields.GetValueOrDefault("VERSION_CODENAME"),
            VersionId = fields.GetValueOrDefault("VERSION_ID"),
            PrettyName = fields.GetValueOrDefault("PRETTY_NAME") ?? fields.GetValueOrDefault("NAME") ?? "Linux",
            Architecture = NativeArchitecture(root, status),
        };
    }

    /// <summary>Reads the <c>ID</c> alone.</summary>
    /// <param name="root">The machine.</param>
    public static string ReadId(MachineRoot root) => IdOf(ReadFields(root));

    private static Dictionary<string, string> ReadFields(MachineRoot root) => Parse(
        root.ReadText("/etc/os-release") ?? root.ReadText("/usr/lib/os-release") ?? throw new CollectException("Neither /etc/os-release nor /usr/lib/os-release is there."));

    private static string IdOf(Dictionary<string, string> fields) => fields.GetValueOrDefault("ID") ?? "linux";

    /// <summary>Parses <c>NAME=value</c> lines; values may be quoted as a shell would. Empty values are left out; the last of a name wins.</summary>
    /// <param name="text">The file.</param>
    internal static Dictionary<string, string> Parse(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.Length == 0 || line[0] == '#' || equals <= 0)
            {
                continue;
            }
            var value = Unquote(line[(equals + 1)..]);
            if (value.Length > 0)
            {
                fields[line[..equals]] = value;
            }
        }
        return fields;
    }

    private static string Unquote(string value)
    {
        if (value.Length >= 2 && value[0] == '\'' && value[^1] == '\'')
        {
            return value[1..^1];
        }
        if (value.Length < 2 || value[0] != '"' || value[^1] != '"')
        {
            return value;
        }
        var plain = new System.Text.StringBuilder(value.Length);
        for (var i = 1; i < value.Length - 1; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length - 1)
            {
                i++;
            }
            plain.Append(value[i]);
        }
        return plain.ToString();
    }

    /// <summary>dpkg itself is always built for the native architecture.</summary>
    private static string NativeArchitecture(MachineRoot root, StatusContent? status) =>
        status?.Packages.FirstOrDefault(p => p.Name == "dpkg")?.Architecture
        ?? root.ReadText("/var/lib/dpkg/arch-native")?.Trim()
        ?? root.ReadText("/var/lib/dpkg/arch")?.Split('\n')[0].Trim()
        ?? status?.Packages.FirstOrDefault(p => p.Architecture != "all")?.Architecture
        ?? throw new CollectException("The native architecture cannot be told: dpkg is not installed and /var/lib/dpkg/arch is not there.");
}
