using Suture.Knowledge.Versions;
using System.Globalization;
using Suture.Tests;

namespace Suture.Knowledge.Tests.Versions;

/// <summary>The order of apt (which is dpkg's, in one process) over tens of thousands of pairs, and of dpkg itself over a share of them:
/// dpkg compares one pair a process, 1 ms each. Without python3-apt, or with <c>SUTURE_DPKG_PAIRS=20000</c>, dpkg is asked for as many.</summary>
public class DebianVersionOracleTests
{
    private const int GeneratedPairs = 20_000;
    private const int DpkgPairs = 1_000;

    private const string AptScript = """
        import sys, apt_pkg
        apt_pkg.init_system()
        for line in sys.stdin:
            a, b = line.rstrip('\n').split('\t')
            c = apt_pkg.version_compare(a, b)
            print((c > 0) - (c < 0))
        """;

    // Prints each claim "left relation right" that dpkg denies.
    private const string DpkgScript = """while read -r a relation b; do dpkg --compare-versions "$a" "$relation" "$b" || echo "$a $relation $b"; done""";

    [Fact]
    public async Task Compare_GeneratedAndRealPairs_IsAptsOrder()
    {
        Assert.SkipUnless(await HasAptAsync(), "python3-apt is not installed; dpkg is asked instead.");
        var pairs = VersionGen.Pairs(GeneratedPairs);
        pairs.AddRange(RealPairs());

        var (exitCode, output) = await Tool.RunAsync(Tool.Python, ["-c", AptScript], string.Concat(pairs.Select(pair => $"{pair.Left}\t{pair.Right}\n")));

        Assert.Equal(0, exitCode);
        var answers = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(pairs.Count, answers.Length);
        var wrong = pairs.Where((pair, i) => DebianVersion.Compare(pair.Left, pair.Right).ToString(CultureInfo.InvariantCulture) != answers[i]).ToList();
        Assert.Empty(wrong);
        Assert.All<string>(["-1", "0", "1"], order => Assert.True(answers.Count(answer => answer == order) > 500, $"too few pairs in order {order}"));
        TestContext.Current.SendDiagnosticMessage("{0} pairs compared with apt", pairs.Count);
    }

    [Fact]
    public async Task Compare_SampledPairs_IsDpkgsOrder()
    {
        Assert.SkipUnless(File.Exists(Tool.Dpkg), "dpkg is not installed.");
        var wanted = int.TryParse(Environment.GetEnvironmentVariable("SUTURE_DPKG_PAIRS"), CultureInfo.InvariantCulture, out var stated) ? stated
            : await HasAptAsync() ? DpkgPairs : GeneratedPairs;
        var real = RealPairs();
        var pairs = VersionGen.Pairs(wanted - Math.Min(wanted / 2, real.Count));
        pairs.AddRange(real.Where((_, i) => i % Math.Max(1, real.Count / Math.Max(1, wanted / 2)) == 0));
        var claims = pairs.Select(pair => $"{pair.Left} {Relation(DebianVersion.Compare(pair.Left, pair.Right))} {pair.Right}\n").ToList();

        var half = claims.Count / 2;
        var denials = await Task.WhenAll(
            Tool.RunAsync("/bin/sh", ["-c", DpkgScript], string.Concat(claims.Take(half))),
            Tool.RunAsync("/bin/sh", ["-c", DpkgScript], string.Concat(claims.Skip(half))));

        Assert.True(claims.Count >= wanted - 1, $"{claims.Count} claims");
        Assert.Equal("", denials[0].Output + denials[1].Output);
    }

    [Fact]
    public async Task DpkgScript_WrongClaim_IsDenied()
    {
        Assert.SkipUnless(File.Exists(Tool.Dpkg), "dpkg is not installed.");

        var (_, output) = await Tool.RunAsync("/bin/sh", ["-c", DpkgScript], "1.0 lt 1.1\n1.0~ gt 1.0\n");

        Assert.Equal("1.0~ gt 1.0\n", output);
    }

    private static async Task<bool> HasAptAsync() => File.Exists(Tool.Python) && (await Tool.RunAsync(Tool.Python, ["-c", "import apt_pkg"])).ExitCode == 0;

    private static string Relation(int order) => order switch { < 0 => "lt", 0 => "eq", _ => "gt" };

    // Each fixed version with the next one of the same source, and with the one of the same place in another release.
    private static List<(string Left, string Right)> RealPairs()
    {
        var pairs = new HashSet<(string, string)>();
        if (TestPaths.Data is not { } data)
        {
            return [];
        }
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(data, "debian"), "*-fixes.csv").Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadLines(file).Skip(1))
            {
                var cells = line.Split(',');
                if (last.TryGetValue(cells[0], out var other))
                {
                    pairs.Add((other, cells[2]));
                }
                last[cells[0]] = cells[2];
            }
        }
        return [.. pairs];
    }
}
