using Suture.Tests;

namespace Suture.Cli.Tests;

/// <summary>Output kept under <c>tests/golden/cli</c>; <c>UPDATE_GOLDEN=1</c> writes it anew.</summary>
internal static class Golden
{
    public static void AssertSame(string name, string text)
    {
        var path = Path.Combine(TestPaths.Repository, "tests", "golden", "cli", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        Assert.True(File.Exists(path), $"{path} is missing; run with UPDATE_GOLDEN=1 and read it.");
        Assert.Equal(File.ReadAllText(path), text);
    }
}
