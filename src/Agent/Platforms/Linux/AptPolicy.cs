using System.Text.RegularExpressions;

namespace Suture.Agent.Platforms.Linux;

/// <summary>Reads what <c>apt-cache policy</c> says of repositories and of the versions they offer. Pure.</summary>
internal static partial class AptPolicy
{
    private const string StatusFile = "/var/lib/dpkg/status";

    /// <summary>Whose repositories offer these exact versions.</summary>
    /// <param name="repositories">Output without package names: each repository with its release.</param>
    /// <param name="tables">Output for the packages: their versions, each with the repositories that offer it.</param>
    /// <param name="packages">Packages asked for.</param>
    /// <returns>For each package the <c>Origin</c> of every repository that offers the version, as its signed release file states it; empty text for one that states
    /// none, no entry for a version that no repository offers.</returns>
    public static IReadOnlyDictionary<JobTarget, IReadOnlySet<string>> Origins(string repositories, string tables, IEnumerable<JobTarget> packages)
    {
        var origins = OriginsOfRepositories(repositories);
        var offers = ReadTables(tables);
        var found = new Dictionary<JobTarget, IReadOnlySet<string>>();
        foreach (var package in packages)
        {
            // apt leaves the architecture out of the heading when it is the machine's own, or "all".
            var table = offers.GetValueOrDefault($"{package.Name}:{package.Architecture}") ?? offers.GetValueOrDefault(package.Name);
            if (table?.GetValueOrDefault(package.Version) is { Count: > 0 } places)
            {
                found[package] = places.Select(place => origins.GetValueOrDefault(place, "")).ToHashSet();
            }
        }
        return found;
    }

    private static Dictionary<string, string> OriginsOfRepositories(string output)
    {
        var origins = new Dictionary<string, string>();
        string? repository = null;
        foreach (var line in output.Split('\n'))
        {
            if (RepositoryPattern().Match(line) is { Success: true } place)
            {
                repository = place.Groups["place"].Value;
            }
            else if (repository is not null && ReleasePattern().Match(line) is { Success: true } release)
            {
                origins[repository] = release.Groups["origin"].Value;
                repository = null;
            }
        }
        return origins;
    }

    private static Dictionary<string, Dictionary<string, List<string>>> ReadTables(string output)
    {
        var tables = new Dictionary<string, Dictionary<string, List<string>>>();
        Dictionary<string, List<string>> table = [];
        List<string> places = [];
        foreach (var line in output.Split('\n'))
        {
            if (line.Length > 1 && line[0] != ' ' && line[^1] == ':')
            {
                tables[line[..^1]] = table = [];
            }
            else if (VersionPattern().Match(line) is { Success: true } version)
            {
                places = table.GetValueOrDefault(version.Groups["version"].Value) ?? []; // apt lists one version twice when its files differ
                table[version.Groups["version"].Value] = places;
            }
            else if (PlacePattern().Match(line) is { Success: true } place && place.Groups["place"].Value != StatusFile)
            {
                places.Add(place.Groups["place"].Value);
            }
        }
        return tables;
    }

    //  500 http://deb.debian.org/debian bookworm/main amd64 Packages
    [GeneratedRegex(@"^ *-?\d+ (?<place>\S.*)$")]
    private static partial Regex RepositoryPattern();

    //      release v=12,o=Debian,a=oldstable-security,n=bookworm-security,l=Debian-Security,c=main,b=amd64
    [GeneratedRegex(@"^ +release (?:.*?,)?o=(?<origin>.*?)(?:,[a-z]=.*)?$")]
    private static partial Regex ReleasePattern();

    //  *** 1.22.1-9+deb12u9 500
    [GeneratedRegex(@"^ (?:\*\*\*|   ) (?<version>\S+)(?: -?\d+)?$")]
    private static partial Regex VersionPattern();

    //         500 http://deb.debian.org/debian bookworm/main amd64 Packages
    [GeneratedRegex(@"^ {6,}-?\d+ (?<place>\S.*)$")]
    private static partial Regex PlacePattern();
}
