using System.Diagnostics;
using System.Text.Json.Nodes;
using Suture.Tests;

namespace Suture.Architecture.Tests;

/// <summary>The bills of materials name what the programs are made of; the lock files are the other source.</summary>
public sealed class SbomTests
{
    [Fact]
    public async Task EveryLockedPackageIsInTheBillOfItsProgram()
    {
        var folder = Directory.CreateTempSubdirectory("suture-sbom-").FullName;
        try
        {
            using var tool = Process.Start(new ProcessStartInfo(Path.Combine(TestPaths.Repository, "tools", "sbom"), [folder]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            var (output, errors) = (tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
            await tool.WaitForExitAsync();
            Assert.True(tool.ExitCode == 0, await output + await errors);

            Assert.All(
                (string[])["Server", "Agent", "Cli"],
                program =>
                {
                    var listed = Listed(Path.Combine(folder, program.ToLowerInvariant() + ".cdx.json"));
                    var locked = Locked(Path.Combine(TestPaths.Repository, "src", program, "packages.lock.json"));
                    Assert.True(locked.Count > 3, $"{program} has {locked.Count} locked packages");
                    Assert.Empty(locked.Except(listed));
                    Assert.Empty(listed.Except(locked));
                });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static HashSet<string> Listed(string path)
    {
        var bill = JsonNode.Parse(File.ReadAllText(path))!;
        Assert.Equal("CycloneDX", bill["bomFormat"]!.GetValue<string>());
        return [.. bill["components"]!.AsArray().Select(component => component!["purl"]?.GetValue<string>() ?? "")
            .Where(purl => purl.StartsWith("pkg:nuget/", StringComparison.Ordinal) && !purl.StartsWith("pkg:nuget/Suture.", StringComparison.Ordinal))];
    }

    private static HashSet<string> Locked(string path) =>
    [
        .. JsonNode.Parse(File.ReadAllText(path))!["dependencies"]!.AsObject().SelectMany(framework => framework.Value!.AsObject())
            .Where(package => package.Value!["resolved"] is not null)
            .Select(package => $"pkg:nuget/{package.Key}@{package.Value!["resolved"]!.GetValue<string>()}"),
    ];
}
