using System.Globalization;
using System.Text.RegularExpressions;
using Suture.Agent.Jobs;

namespace Suture.Agent.Platforms.Linux;

/// <summary>A package file as the machine's signed indexes describe it.</summary>
/// <param name="Sha256">Hash of the file.</param>
/// <param name="SizeBytes">Bytes to download.</param>
/// <param name="InstalledBytes">Bytes it takes when unpacked.</param>
internal sealed record AptRecord(string Sha256, long SizeBytes, long InstalledBytes);

/// <summary>Asks and drives apt. Questions are asked here; whatever changes something goes through <see cref="DetachedWork"/>.</summary>
/// <param name="runner">Starts programs.</param>
/// <param name="archives">Directory of the agent's own downloads.</param>
internal sealed partial class Apt(ProcessRunner runner, string archives)
{
    /// <summary>apt-get itself.</summary>
    public const string Program = "/usr/bin/apt-get";

    /// <summary>Where the agent's downloads lie; readable for apt's download user, writable for root only.</summary>
    public string Archives { get; } = archives;

    /// <summary>Arguments that refresh the indexes.</summary>
    public static IReadOnlyList<string> RefreshArguments { get; } =
        ["update", "--quiet=2", "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30", "-o", "Acquire::https::Timeout=30"];

    /// <summary>Arguments of an installation of exact versions.</summary>
    /// <param name="packages">Packages; their words are already checked by <see cref="ArgumentGrammar"/>.</param>
    /// <param name="mode">Simulate, download or do.</param>
    /// <returns>The list.</returns>
    public IReadOnlyList<string> InstallArguments(IEnumerable<JobTarget> packages, AptMode mode)
    {
        List<string> arguments =
        [
            "install", "--quiet=2", "--yes", "--only-upgrade", "--no-remove", "--no-install-recommends", "--no-install-suggests",
            "-o", $"Dir::Cache::archives={Archives}/",
            "-o", $"DPkg::Lock::Timeout={JobLimits.LockWait.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)}",
            "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
            "-o", "Dpkg::Use-Pty=0", "-o", "APT::Get::AllowUnauthenticated=false", "-o", "Acquire::Retries=2",
        ];
        arguments.AddRange(mode switch
        {
            AptMode.Simulate => ["--simulate"],
            AptMode.Download => ["--download-only"],
            _ => (string[])[],
        });
        arguments.Add("--");
        arguments.AddRange(packages.Select(package => $"{package.Name}:{package.Architecture}={package.Version}"));
        return arguments;
    }

    /// <summary>Asks what an installation would do.</summary>
    /// <param name="packages">Packages.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The steps, or null and apt's words.</returns>
    public async Task<(AptSimulation? Simulation, string Words)> SimulateAsync(IReadOnlyList<JobTarget> packages, CancellationToken cancellation)
    {
        // --quiet=2 would leave the steps out of a simulation.
        var arguments = InstallArguments(packages, AptMode.Simulate).Where(argument => argument != "--quiet=2").ToList();
        var answer = await runner.AskAsync(Program, arguments, JobLimits.QueryTime, cancellation);
        return answer.IsSuccess ? (AptSimulation.Parse(answer.Output), "") : (null, answer.Error.Trim());
    }

    /// <summary>What the machine's signed indexes say of one exact version.</summary>
    /// <param name="name">Package.</param>
    /// <param name="architecture">Architecture.</param>
    /// <param name="version">Version.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Records of that version in any index; empty when none holds it.</returns>
    public async Task<IReadOnlyList<AptRecord>> FindAsync(string name, string architecture, string version, CancellationToken cancellation)
    {
        var answer = await runner.AskAsync("/usr/bin/apt-cache", ["show", "--no-all-versions", "--", $"{name}:{architecture}={version}"], JobLimits.QueryTime, cancellation);
        return answer.IsSuccess ? ParseRecords(answer.Output, name, version) : [];
    }

    /// <summary>Reads the stanzas that apt-cache shows. Pure.</summary>
    /// <param name="output">Stanzas.</param>
    /// <param name="name">Only those of this package</param>
    /// <param name="version">and this version.</param>
    /// <returns>Those that have a hash: the installed package's own stanza has none.</returns>
    public static IReadOnlyList<AptRecord> ParseRecords(string output, string name, string version)
    {
        var records = new List<AptRecord>();
        foreach (var stanza in output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = new Dictionary<string, string>();
            foreach (Match match in FieldPattern().Matches(stanza))
            {
                fields.TryAdd(match.Groups[1].Value, match.Groups[2].Value);
            }
            if (fields.GetValueOrDefault("Package") == name && fields.GetValueOrDefault("Version") == version
                && fields.GetValueOrDefault("SHA256") is { } hash && ArgumentGrammar.IsSha256(hash)
                && long.TryParse(fields.GetValueOrDefault("Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                _ = long.TryParse(fields.GetValueOrDefault("Installed-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes);
                records.Add(new AptRecord(hash, size, Math.Min(kibibytes, long.MaxValue / 1024) * 1024));
            }
        }
        return records;
    }

    /// <summary>Name that apt gives a downloaded file; an epoch's colon is escaped.</summary>
    /// <param name="name">Package.</param>
    /// <param name="version">Version.</param>
    /// <param name="architecture">Architecture.</param>
    /// <returns>File name.</returns>
    public static string FileNameOf(string name, string version, string architecture) =>
        $"{name}_{version.Replace(":", "%3a", StringComparison.Ordinal)}_{architecture}.deb";

    [GeneratedRegex(@"^(Package|Version|SHA256|Size|Installed-Size): (.*)$", RegexOptions.Multiline)]
    private static partial Regex FieldPattern();
}

/// <summary>How far apt shall go.</summary>
internal enum AptMode
{
    /// <summary>Say what would happen.</summary>
    Simulate = 1,
    /// <summary>Fetch the files.</summary>
    Download = 2,
    /// <summary>Do it.</summary>
    Install = 3,
}

/// <summary>A package in an exact version.</summary>
/// <param name="Name">Name.</param>
/// <param name="Architecture">Architecture.</param>
/// <param name="Version">Version.</param>
internal sealed record JobTarget(string Name, string Architecture, string Version);
