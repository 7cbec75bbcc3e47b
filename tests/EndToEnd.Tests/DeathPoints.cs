using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>Where one run dies.</summary>
/// <param name="Step">Number of the durable step, from 1; 0 to live and only count.</param>
/// <param name="IsAfter">After it, else before.</param>
internal sealed record Death(int Step, bool IsAfter)
{
    internal static Death None { get; } = new(0, false);

    public override string ToString() => Step == 0 ? "no death" : $"death {(IsAfter ? "after" : "before")} step {Step}";
}

/// <summary>A program that dies at one of its durable steps (<c>tests/tools/deathpoint.c</c>), with the files by which that is steered.</summary>
internal sealed class DeathPoints
{
    private static readonly Lazy<Task<string>> Library = new(BuildAsync);

    private readonly string _outside;
    private readonly string _inside;

    /// <param name="outside">Folder of the files as this machine sees them.</param>
    /// <param name="inside">The same folder as the program sees it.</param>
    internal DeathPoints(string outside, string inside)
    {
        (_outside, _inside) = (outside, inside);
        Directory.CreateDirectory(outside);
    }

    /// <summary>True once the program has died of it.</summary>
    internal bool HasStruck => File.Exists(Path.Combine(_outside, "mark"));

    /// <summary>The steps so far, each as <c>NUMBER OPERATION PATH</c>.</summary>
    internal IReadOnlyList<string> Steps => File.Exists(Path.Combine(_outside, "log")) ? File.ReadAllLines(Path.Combine(_outside, "log")) : [];

    /// <summary>Counts from here on.</summary>
    internal void Go() => File.WriteAllText(Path.Combine(_outside, "go"), "");

    /// <summary>The program's environment.</summary>
    /// <param name="executable">Its name.</param>
    /// <param name="under">Folder whose files count, as the program sees it.</param>
    /// <param name="death">Where it dies.</param>
    internal async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(string executable, string under, Death death)
    {
        var library = Path.Combine(_outside, "deathpoint.so");
        File.Copy(await Library.Value, library, overwrite: true);
        return new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Path.Combine(_inside, "deathpoint.so"),
            ["DEATH_IN"] = executable,
            ["DEATH_UNDER"] = under,
            ["DEATH_GO"] = Path.Combine(_inside, "go"),
            ["DEATH_LOG"] = Path.Combine(_inside, "log"),
            ["DEATH_MARK"] = Path.Combine(_inside, "mark"),
            ["DEATH_AT"] = $"{death.Step}",
            ["DEATH_WHEN"] = death.IsAfter ? "after" : "before",
        };
    }

    private static async Task<string> BuildAsync()
    {
        var library = Path.Combine(Path.GetTempPath(), $"deathpoint-{Environment.ProcessId}.so");
        var compiler = File.Exists("/usr/bin/clang") ? "/usr/bin/clang" : "/usr/bin/cc";
        await Command.RunAsync(compiler, ["-shared", "-fPIC", "-O2", "-o", library, Path.Combine(TestPaths.Repository, "tests/tools/deathpoint.c"), "-ldl", "-lpthread"]);
        return library;
    }
}
