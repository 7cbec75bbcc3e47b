using System.Text.RegularExpressions;

namespace Suture.Agent.Platforms.Linux;

/// <summary>One step that apt says it would take.</summary>
/// <param name="Name">Package.</param>
/// <param name="Architecture">Architecture.</param>
/// <param name="From">Version installed; null when it is new.</param>
/// <param name="To">Version after.</param>
internal sealed record AptStep(string Name, string Architecture, string? From, string To)
{
    /// <summary>What is there after it.</summary>
    public JobTarget Target => new(Name, Architecture, To);
}

/// <summary>What <c>apt-get --simulate install</c> says it would do.</summary>
internal sealed partial record AptSimulation
{
    /// <summary>Packages installed or upgraded, in apt's order.</summary>
    public required IReadOnlyList<AptStep> Installs { get; init; }

    /// <summary>Packages removed or purged.</summary>
    public required IReadOnlyList<string> Removes { get; init; }

    /// <summary>Lines that begin like a step but cannot be read; anything here makes the whole simulation unusable.</summary>
    public required IReadOnlyList<string> Unreadable { get; init; }

    /// <summary>Reads apt's output. Pure.</summary>
    /// <param name="output">Standard output.</param>
    /// <returns>The steps.</returns>
    public static AptSimulation Parse(string output)
    {
        var installs = new List<AptStep>();
        var removes = new List<string>();
        var unreadable = new List<string>();
        foreach (var line in output.Split('\n'))
        {
            if (line.StartsWith("Remv ", StringComparison.Ordinal) || line.StartsWith("Purg ", StringComparison.Ordinal))
            {
                removes.Add(line[5..].Split(' ')[0]);
            }
            else if (line.StartsWith("Inst ", StringComparison.Ordinal))
            {
                if (InstallPattern().Match(line) is { Success: true } match)
                {
                    installs.Add(StepOf(match));
                }
                else
                {
                    unreadable.Add(line);
                }
            }
        }
        return new AptSimulation { Installs = installs, Removes = removes, Unreadable = unreadable };
    }

    private static AptStep StepOf(Match match) => new(
        match.Groups["name"].Value.Split(':')[0],
        match.Groups["architecture"].Value,
        match.Groups["from"] is { Success: true } from ? from.Value : null,
        match.Groups["to"].Value);

    // Inst libssl3 [3.0.16-1~deb12u1] (3.0.17-1~deb12u2 Debian-Security:12/stable-security [amd64]) []
    [GeneratedRegex(@"^Inst (?<name>\S+) (?:\[(?<from>[^\]\s]+)\] )?\((?<to>\S+) .*\[(?<architecture>[a-z0-9-]+)\]\)")]
    private static partial Regex InstallPattern();
}
