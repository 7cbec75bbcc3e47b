using System.Diagnostics;
using Suture.Tests;

namespace Suture.Architecture.Tests;

/// <summary>Every banned API has a planted use that the build refuses.</summary>
public sealed class BannedApiTests
{
    /// <summary>One use of each entry of BannedSymbols.txt, by its documentation id.</summary>
    private static readonly Dictionary<string, string> Plants = new()
    {
        ["P:System.DateTime.Now"] = "_ = System.DateTime.Now;",
        ["P:System.DateTime.UtcNow"] = "_ = System.DateTime.UtcNow;",
        ["P:System.DateTime.Today"] = "_ = System.DateTime.Today;",
        ["P:System.DateTimeOffset.Now"] = "_ = System.DateTimeOffset.Now;",
        ["P:System.DateTimeOffset.UtcNow"] = "_ = System.DateTimeOffset.UtcNow;",
        ["M:System.Guid.NewGuid"] = "_ = System.Guid.NewGuid();",
        ["M:System.Guid.CreateVersion7"] = "_ = System.Guid.CreateVersion7();",
        ["M:System.Threading.Thread.Sleep(System.Int32)"] = "System.Threading.Thread.Sleep(1);",
        ["M:System.Threading.Thread.Sleep(System.TimeSpan)"] = "System.Threading.Thread.Sleep(System.TimeSpan.Zero);",
        ["M:System.Threading.Tasks.Task.Delay(System.Int32)"] = "_ = System.Threading.Tasks.Task.Delay(1);",
        ["M:System.Threading.Tasks.Task.Delay(System.TimeSpan)"] = "_ = System.Threading.Tasks.Task.Delay(System.TimeSpan.Zero);",
        ["M:System.Threading.Tasks.Task.Delay(System.Int32,System.Threading.CancellationToken)"] =
            "_ = System.Threading.Tasks.Task.Delay(1, System.Threading.CancellationToken.None);",
        ["M:System.Threading.Tasks.Task.Delay(System.TimeSpan,System.Threading.CancellationToken)"] =
            "_ = System.Threading.Tasks.Task.Delay(System.TimeSpan.Zero, System.Threading.CancellationToken.None);",
        ["M:System.Threading.Tasks.Task.Wait"] = "System.Threading.Tasks.Task.CompletedTask.Wait();",
        ["P:System.Threading.Tasks.Task`1.Result"] = "_ = System.Threading.Tasks.Task.FromResult(1).Result;",
        ["M:System.Diagnostics.Process.Start(System.String)"] = "_ = System.Diagnostics.Process.Start(\"x\");",
        ["M:System.Diagnostics.Process.Start(System.String,System.String)"] = "_ = System.Diagnostics.Process.Start(\"x\", \"y\");",
        ["P:System.Diagnostics.ProcessStartInfo.Arguments"] = "_ = new System.Diagnostics.ProcessStartInfo { Arguments = \"x\" };",
        ["P:System.Diagnostics.ProcessStartInfo.UseShellExecute"] = "_ = new System.Diagnostics.ProcessStartInfo { UseShellExecute = false };",
        ["T:System.Random"] = "_ = System.Random.Shared;",
        ["T:System.Security.Cryptography.MD5"] = "_ = System.Security.Cryptography.MD5.HashData([]);",
        ["T:System.Security.Cryptography.SHA1"] = "_ = System.Security.Cryptography.SHA1.HashData([]);",
    };

    [Fact]
    public void BannedSymbols_EachEntry_HasAPlant()
    {
        var banned = File.ReadAllLines(Path.Combine(TestPaths.Repository, "BannedSymbols.txt"))
            .Where(line => line.Length > 0).Select(line => line.Split(';')[0]);

        Assert.Equal(banned.Order(), Plants.Keys.Order());
    }

    [Fact]
    public async Task Build_PlantedUses_RefusesEachAndNothingElse()
    {
        var folder = Path.Combine(TestPaths.Repository, "out", "planted");
        Directory.CreateDirectory(folder);
        var plants = Plants.ToList();
        await WriteProjectAsync(folder, plants.Select(plant => plant.Value));

        var output = await BuildAsync(folder);

        for (var i = 0; i < plants.Count; i++)
        {
            // Lines of the planted file are fixed: the header takes four.
            Assert.True(output.Contains($"Planted.cs({i + 5},", StringComparison.Ordinal), $"the build lets {plants[i].Key} pass:\n{output}");
        }
        // The line after the last plant uses nothing banned: the control that the check can also say yes.
        Assert.DoesNotContain($"Planted.cs({plants.Count + 5},", output, StringComparison.Ordinal);
        Assert.Contains("RS0030", output, StringComparison.Ordinal);
    }

    private static async Task WriteProjectAsync(string folder, IEnumerable<string> uses)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "Planted.csproj"), """<Project Sdk="Microsoft.NET.Sdk" />""");
        string[] lines =
        [
            "namespace Planted;", "internal static class Uses", "{", "    internal static void All() {",
            .. uses, "_ = System.TimeProvider.System.GetUtcNow();", "    }", "}",
        ];
        await File.WriteAllLinesAsync(Path.Combine(folder, "Planted.cs"), lines);
    }

    private static async Task<string> BuildAsync(string folder)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = folder };
        foreach (var argument in (string[])["build", "-v", "q", "-nodeReuse:false"])
        {
            start.ArgumentList.Add(argument);
        }
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        return output;
    }
}
