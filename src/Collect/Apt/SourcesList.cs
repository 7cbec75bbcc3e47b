using Suture.Collect.Files;

namespace Suture.Collect.Apt;

/// <summary>One repository that apt is told to use.</summary>
/// <param name="Uri">Where.</param>
/// <param name="Suite">Suite.</param>
/// <param name="Components">Components; empty for a flat repository.</param>
internal sealed record ConfiguredRepository(string Uri, string Suite, IReadOnlyList<string> Components);

/// <summary>Reads <c>sources.list</c> and <c>sources.list.d</c>, in both of apt's forms (sources.list(5)).</summary>
internal static class SourcesList
{
    private static readonly char[] Blank = [' ', '\t'];
    private static readonly string[] Components = ["main", "contrib", "non-free", "non-free-firmware", "updates/main", "updates/contrib", "updates/non-free"];
    private static readonly string[] Folders = ["/debian", "/debian-security", "/debian-archive", "/debian-lts", "/debian-ports"];
    private static readonly string[] SuiteNames = ["stable", "oldstable", "oldoldstable", "testing", "unstable", "sid", "experimental"];

    /// <summary>Binary repositories that are configured and enabled.</summary>
    public static IReadOnlyList<ConfiguredRepository> Read(MachineRoot root)
    {
        var found = new List<ConfiguredRepository>(ParseLines(root.ReadText("/etc/apt/sources.list") ?? ""));
        foreach (var name in root.List("/etc/apt/sources.list.d"))
        {
            var path = $"/etc/apt/sources.list.d/{name}";
            if (name.EndsWith(".list", StringComparison.Ordinal))
            {
                found.AddRange(ParseLines(root.ReadText(path) ?? ""));
            }
            else if (name.EndsWith(".sources", StringComparison.Ordinal))
            {
                found.AddRange(ParseStanzas(root.ReadText(path) ?? ""));
            }
        }
        return found;
    }

    /// <summary>True when the repository is the distribution's own, on whatever mirror: its suites, its components and the folder it is always mirrored as.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="codename">Codename of the machine's release; null when unknown.</param>
    public static bool IsDistribution(ConfiguredRepository repository, string? codename)
    {
        if (repository.Components.Count == 0 || !repository.Components.All(Components.Contains))
        {
            return false;
        }
        var suite = repository.Suite.Split('/', '-')[0];
        var isSuite = suite == codename || SuiteNames.Contains(suite);
        var place = repository.Uri.TrimEnd('/');
        var host = Uri.TryCreate(place, UriKind.Absolute, out var uri) ? uri.Host : "";
        var isOwnHost = host == "debian.org" || host.EndsWith(".debian.org", StringComparison.Ordinal);
        return isSuite && (isOwnHost || Folders.Any(folder => place.EndsWith(folder, StringComparison.Ordinal)));
    }

    /// <summary>One-line form: <c>deb [options] uri suite component ...</c>.</summary>
    internal static IEnumerable<ConfiguredRepository> ParseLines(string text)
    {
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Split('#')[0].Trim();
            if (!line.StartsWith("deb ", StringComparison.Ordinal) && !line.StartsWith("deb\t", StringComparison.Ordinal))
            {
                continue;
            }
            line = line[4..].Trim();
            if (line.StartsWith('[') && line.IndexOf(']', StringComparison.Ordinal) is > 0 and var close)
            {
                line = line[(close + 1)..].Trim();
            }
            var words = line.Split(Blank, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2)
            {
                yield return new ConfiguredRepository(words[0], words[1], words[2..]);
            }
        }
    }

    /// <summary>Stanza form (deb822).</summary>
    internal static IEnumerable<ConfiguredRepository> ParseStanzas(string text)
    {
        foreach (var stanza in ReadStanzas(text))
        {
            var types = Words(stanza, "Types");
            if (!types.Contains("deb") || (stanza.TryGetValue("Enabled", out var enabled) && enabled.Trim() is "no" or "false" or "0" or "off"))
            {
                continue;
            }
            foreach (var uri in Words(stanza, "URIs"))
            {
                foreach (var suite in Words(stanza, "Suites"))
                {
                    yield return new ConfiguredRepository(uri, suite, Words(stanza, "Components"));
                }
            }
        }
    }

    private static IEnumerable<Dictionary<string, string>> ReadStanzas(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? last = null;
        foreach (var line in text.Split('\n').Append(""))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line.Trim().Length == 0)
            {
                if (fields.Count > 0)
                {
                    yield return fields;
                }
                (fields, last) = (new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase), null);
            }
            else if (line[0] is ' ' or '\t' && last is not null)
            {
                fields[last] += " " + line.Trim();
            }
            else if (line[0] != '#' && colon > 0)
            {
                last = line[..colon].Trim();
                fields[last] = line[(colon + 1)..].Trim();
            }
        }
    }

    private static string[] Words(Dictionary<string, string> stanza, string name) =>
        stanza.TryGetValue(name, out var value) ? value.Split(Blank, StringSplitOptions.RemoveEmptyEntries) : [];
}
