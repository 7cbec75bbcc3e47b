using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>What an endpoint is vulnerable to by the Debian lists, worked out by <c>tests/tools/truth.py</c>, which shares no code with the product.</summary>
internal static class Oracle
{
    private static readonly HashSet<string> Lists = ["debian-dsa", "debian-dla"];

    /// <summary>A new folder that holds the Debian lists and no other feed.</summary>
    public static string ListsOnly()
    {
        var folder = Directory.CreateTempSubdirectory("suture-lists-").FullName;
        File.Copy(Path.Combine(TestPaths.RequireData(), "debian", "debian-advisories.jsonl.gz"), Path.Combine(folder, "debian-advisories.jsonl.gz"));
        return folder;
    }

    /// <summary>Pairs of CVE and package that the oracle finds in a root.</summary>
    /// <param name="root">The root.</param>
    /// <param name="suite">Codename.</param>
    public static async Task<HashSet<string>> PairsAsync(string root, string suite)
    {
        var output = await Command.RunAsync("/usr/bin/python3",
        [
            Path.Combine(TestPaths.Repository, "tests", "tools", "truth.py"), Path.Combine(root, "var", "lib", "dpkg", "status"),
            Path.Combine(TestPaths.RequireData(), "debian", $"{suite}-fixes.csv"),
        ]);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>The same pairs of findings that a Debian list speaks of; advisories that name no CVE are counted apart.</summary>
    /// <param name="findings">Findings.</param>
    public static HashSet<string> PairsOf(IEnumerable<Finding> findings) =>
        [.. findings.Where(finding => !finding.IsUnrated && finding.Evidence.Any(evidence => Lists.Contains(evidence.Feed))).Select(finding => $"{finding.Vulnerability} {finding.Package}")];

    /// <summary>Findings of <c>scan --root</c> with exactly the feeds of a folder.</summary>
    /// <param name="root">The root.</param>
    /// <param name="feeds">The folder.</param>
    public static async Task<IReadOnlyList<Finding>> ScanAsync(string root, string feeds)
    {
        var (code, output, errors) = await Command.TryRunAsync(
            Path.Combine(TestPaths.Repository, "out", "cli", "suture-cli"), ["scan", "--root", root, "--feeds", feeds, "--json"]);
        Assert.True(code is 0 or 1, $"scan ended with {code}: {errors}");
        return JsonSerializer.Deserialize(output, ContractsJson.Default.ScanReport)!.Findings;
    }
}
