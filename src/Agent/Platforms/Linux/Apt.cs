using System.Globalization;
using System.Text.RegularExpressions;
using Suture.Agent.Jobs;
using Suture.Contracts.Jobs;

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

    private const string CacheProgram = "/usr/bin/apt-cache";
    private const string NoRemoval = "--no-remove";

    /// <summary>Where the agent's downloads lie; readable for apt's download user, writable for root only.</summary>
    public string Archives { get; } = archives;

    /// <summary>Arguments that refresh the indexes.</summary>
    public static IReadOnlyList<string> RefreshArguments { get; } =
        // Without the error mode an origin that cannot be reached is a warning, and the exit code 0.
        ["update", "--quiet=2", "-o", "APT::Update::Error-Mode=any", "-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30", "-o", "Acquire::https::Timeout=30"];

    /// <summary>Arguments of an installation of exact versions.</summary>
    /// <param name="packages">Packages; their words are already checked by <see cref="ArgumentGrammar"/>.</param>
    /// <param name="mode">Simulate, download or do.</param>
    /// <returns>The list.</returns>
    public IReadOnlyList<string> InstallArguments(IEnumerable<JobTarget> packages, AptMode mode) =>
    [
        .. Arguments(mode), "--only-upgrade", "-o", $"Dir::Cache::archives={Archives}/", "-o", "Acquire::Retries=2", "--",
        .. packages.Select(Exactly),
    ];

    /// <summary>Arguments that put files in place of what is installed. Through apt, which orders them, takes the locks and refuses what would leave dependencies broken.</summary>
    /// <param name="files">Absolute paths of package files.</param>
    /// <param name="mode">Simulate or do.</param>
    /// <returns>The list.</returns>
    public static IReadOnlyList<string> RestoreArguments(IEnumerable<string> files, AptMode mode) => [.. Arguments(mode), "--allow-downgrades", "--", .. files];

    /// <summary>Arguments that fetch the files of exact versions into the working directory, installed or not.</summary>
    /// <param name="packages">Packages.</param>
    /// <returns>The list.</returns>
    public static IReadOnlyList<string> DownloadArguments(IEnumerable<JobTarget> packages) =>
        ["download", "--quiet=2", "-o", "Acquire::Retries=2", "--", .. packages.Select(Exactly)];

    private static IEnumerable<string> Arguments(AptMode mode) =>
    [
        "install", "--yes", NoRemoval, "--no-install-recommends", "--no-install-suggests",
        "-o", $"DPkg::Lock::Timeout={JobLimits.LockWait.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)}",
        "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold",
        "-o", "Dpkg::Use-Pty=0", "-o", "APT::Get::AllowUnauthenticated=false",
        .. mode switch
        {
            AptMode.Simulate => ["--simulate"], // not quiet: that would leave the steps out
            AptMode.Download => ["--quiet=2", "--download-only"],
            _ => (string[])["--quiet=2"],
        },
    ];

    /// <summary>Asks what a change would do.</summary>
    /// <param name="arguments">Arguments of the change, with <see cref="AptMode.Simulate"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The steps, or null and apt's words. Steps with a removal in them are an answer to why not: apt would not take them with these arguments.</returns>
    public async Task<(AptSimulation? Simulation, string Words)> SimulateAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var answer = await runner.AskAsync(Program, arguments, JobLimits.QueryTime, cancellation);
        if (answer.IsSuccess)
        {
            return (AptSimulation.Parse(answer.Output), "");
        }
        // Of a removal it says only that there would be one; which, it says where it may simulate one.
        var freely = await runner.AskAsync(Program, [.. arguments.Where(argument => argument != NoRemoval)], JobLimits.QueryTime, cancellation);
        return freely.IsSuccess && AptSimulation.Parse(freely.Output) is { Removes.Count: > 0 } removing ? (removing, "") : (null, answer.Error.Trim());
    }

    /// <summary>What the machine's signed indexes say of exact versions.</summary>
    /// <param name="packages">Packages.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Records of each version in any index; no entry for a version that none holds.</returns>
    public async Task<IReadOnlyDictionary<JobTarget, IReadOnlyList<AptRecord>>> FindAsync(IReadOnlyCollection<JobTarget> packages, CancellationToken cancellation)
    {
        if (packages.Count == 0)
        {
            return new Dictionary<JobTarget, IReadOnlyList<AptRecord>>();
        }
        // Its exit code says only that some version was not found; the others are shown all the same.
        var answer = await runner.AskAsync(CacheProgram, ["show", "--no-all-versions", "--", .. packages.Select(Exactly)], JobLimits.QueryTime, cancellation);
        var records = ParseRecords(answer.Output);
        return packages.Where(records.ContainsKey).ToDictionary(package => package, package => records[package]);
    }

    /// <summary>Whose repositories offer these exact versions; see <see cref="AptPolicy.Origins"/>.</summary>
    /// <param name="packages">Packages.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Origins by package; empty when apt does not answer.</returns>
    public async Task<IReadOnlyDictionary<JobTarget, IReadOnlySet<string>>> FindOriginsAsync(IReadOnlyList<JobTarget> packages, CancellationToken cancellation)
    {
        var repositories = await runner.AskAsync(CacheProgram, ["policy"], JobLimits.QueryTime, cancellation);
        var tables = await runner.AskAsync(
            CacheProgram, ["policy", "--", .. packages.Select(package => $"{package.Name}:{package.Architecture}")], JobLimits.QueryTime, cancellation);
        return repositories.IsSuccess && tables.IsSuccess
            ? AptPolicy.Origins(repositories.Output, tables.Output, packages)
            : new Dictionary<JobTarget, IReadOnlySet<string>>();
    }

    /// <summary>Reads the stanzas that apt-cache shows. Pure.</summary>
    /// <param name="output">Stanzas.</param>
    /// <returns>Those that have a hash, by package: the installed package's own stanza has none.</returns>
    public static IReadOnlyDictionary<JobTarget, IReadOnlyList<AptRecord>> ParseRecords(string output)
    {
        var records = new Dictionary<JobTarget, IReadOnlyList<AptRecord>>();
        foreach (var stanza in output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = new Dictionary<string, string>();
            foreach (Match match in FieldPattern().Matches(stanza))
            {
                fields.TryAdd(match.Groups[1].Value, match.Groups[2].Value);
            }
            if (fields.GetValueOrDefault("SHA256") is { } hash && ArgumentGrammar.IsSha256(hash)
                && long.TryParse(fields.GetValueOrDefault("Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            {
                _ = long.TryParse(fields.GetValueOrDefault("Installed-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes);
                var target = new JobTarget(fields.GetValueOrDefault("Package", ""), fields.GetValueOrDefault("Architecture", ""), fields.GetValueOrDefault("Version", ""));
                records[target] = [.. records.GetValueOrDefault(target, []), new AptRecord(hash, size, Math.Min(kibibytes, long.MaxValue / 1024) * 1024)];
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

    private static string Exactly(JobTarget package) => $"{package.Name}:{package.Architecture}={package.Version}";

    [GeneratedRegex(@"^(Package|Architecture|Version|SHA256|Size|Installed-Size): (.*)$", RegexOptions.Multiline)]
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
internal sealed record JobTarget(string Name, string Architecture, string Version)
{
    /// <summary>What a job wants of a package.</summary>
    /// <param name="package">From the job.</param>
    /// <returns>The package in the version to install.</returns>
    public static JobTarget Of(JobPackage package) => new(package.Name, package.Architecture, package.Version);
}
