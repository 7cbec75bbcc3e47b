using Suture.Agent.Jobs;

namespace Suture.Agent.Platforms.Linux;

/// <summary>One package as dpkg has it.</summary>
/// <param name="Name">Name.</param>
/// <param name="Architecture">Architecture.</param>
/// <param name="Version">Version.</param>
/// <param name="Status">dpkg's three letters: <c>ii </c> is installed and well, <c>hi </c> held, <c>rc </c> removed.</param>
internal sealed record DpkgPackage(string Name, string Architecture, string Version, string Status)
{
    /// <summary>Name and architecture, <c>libssl3:amd64</c>.</summary>
    public string Key => $"{Name}:{Architecture}";

    /// <summary>Wanted or held, installed, without an error.</summary>
    public bool IsWell => Status.Length >= 2 && Status[1] == 'i' && (Status.Length < 3 || Status[2] == ' ');

    /// <summary>Its new files are there, it is only not configured.</summary>
    public bool IsUnpacked => Status.Length >= 2 && Status[1] is 'U' or 'F' or 'W' or 't' && (Status.Length < 3 || Status[2] == ' ');

    /// <summary>An administrator holds it where it is.</summary>
    public bool IsHeld => Status.StartsWith('h');

    /// <summary>Some version of its files is on the machine.</summary>
    public bool IsPresent => Status.Length >= 2 && Status[1] is not ('n' or 'c');
}

/// <summary>Asks dpkg.</summary>
/// <param name="runner">Starts programs.</param>
internal sealed class Dpkg(ProcessRunner runner)
{
    /// <summary>dpkg itself.</summary>
    public const string Program = "/usr/bin/dpkg";

    private const string UpdatesFolder = "/var/lib/dpkg/updates";
    private const string Format = "--showformat=${Package}\\t${Architecture}\\t${Version}\\t${db:Status-Abbrev}\\n";

    /// <summary>All packages that dpkg knows.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>By <see cref="DpkgPackage.Key"/>; null when dpkg could not be asked.</returns>
    public async Task<IReadOnlyDictionary<string, DpkgPackage>?> ReadAsync(CancellationToken cancellation)
    {
        var answer = await runner.AskAsync("/usr/bin/dpkg-query", ["--show", Format], JobLimits.QueryTime, cancellation);
        return answer.IsSuccess ? Parse(answer.Output) : null;
    }

    /// <summary>Reads the table that dpkg-query prints.</summary>
    /// <param name="output">Four columns, tabs between.</param>
    /// <returns>By key.</returns>
    public static IReadOnlyDictionary<string, DpkgPackage> Parse(string output)
    {
        var packages = new Dictionary<string, DpkgPackage>();
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('\t') is [var name, var architecture, var version, var status])
            {
                var package = new DpkgPackage(name, architecture, version, status);
                packages[package.Key] = package;
            }
        }
        return packages;
    }

    /// <summary>Whether every package is wholly unpacked and configured, and dpkg has written down all of it.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null when all is well, else dpkg's own words.</returns>
    public async Task<string?> AuditAsync(CancellationToken cancellation)
    {
        if (HasLeftovers(UpdatesFolder))
        {
            return "an interrupted dpkg left notes that it has not taken up; apt does not run before it has.";
        }
        var answer = await runner.AskAsync(Program, ["--audit"], JobLimits.QueryTime, cancellation);
        var said = (answer.Output + answer.Error).Trim();
        return answer.IsSuccess && said.Length == 0 ? null : said.Length == 0 ? "dpkg --audit failed." : said;
    }

    /// <summary>Whether notes of a dpkg that was cut off lie in its folder of updates; apt refuses to run then, even when every package is well.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>True when a file has a name of digits only, as dpkg gives its notes (and as apt looks for them).</returns>
    public static bool HasLeftovers(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder).Any(file => !Path.GetFileName(file.AsSpan()).ContainsAnyExceptInRange('0', '9'));
}
