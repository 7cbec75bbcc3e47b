using Suture.Knowledge.Versions;
using System.Globalization;
using Suture.Tests;

namespace Suture.Knowledge.Tests.Versions;

/// <summary>The order of dpkg itself and of apt over twenty thousand generated pairs and all real ones.</summary>
/// <remarks><c>dpkg --compare-versions</c> takes a process for each pair (1 to 8 ms), so the many are asked of dpkg in one: as packages that it merges into its
/// list of available ones, where it keeps the newer of two.</remarks>
public class DebianVersionOracleTests
{
    private const int GeneratedPairs = 20_000;

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
        Assert.SkipUnless(await HasAptAsync(), "python3-apt is not installed; dpkg is asked in any case.");
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
    public async Task Compare_GeneratedAndRealPairs_IsDpkgsOrder()
    {
        Assert.SkipUnless(File.Exists(Tool.Dpkg), "dpkg is not installed.");
        var pairs = VersionGen.Pairs(GeneratedPairs);
        pairs.AddRange(RealPairs());

        var isSecondTaken = await AreSecondTakenAsync(pairs);
        var isFirstTaken = await AreSecondTakenAsync([.. pairs.Select(pair => (pair.Right, pair.Left))]);

        var wrong = pairs.Where((pair, i) => DebianVersion.Compare(pair.Left, pair.Right) != (isFirstTaken[i] ? 1 : 0) - (isSecondTaken[i] ? 1 : 0));
        Assert.Empty(wrong);
        Assert.True(pairs.Count >= GeneratedPairs, $"{pairs.Count} pairs");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(GeneratedPairs, Explicit = true)]
    public async Task Compare_PairByPair_IsDpkgsAnswer(int count)
    {
        Assert.SkipUnless(File.Exists(Tool.Dpkg), "dpkg is not installed.");
        var real = RealPairs();
        var step = Math.Max(1, real.Count / (count / 2));
        var pairs = real.Where((_, i) => i % step == 0).Take(count / 2).ToList();
        pairs.AddRange(VersionGen.Pairs(count - pairs.Count));
        var claims = pairs.Select(pair => $"{pair.Left} {Relation(DebianVersion.Compare(pair.Left, pair.Right))} {pair.Right}\n").ToList();

        var (_, denials) = await Tool.RunAsync("/bin/sh", ["-c", DpkgScript], string.Concat(claims));

        Assert.Equal(count, claims.Count);
        Assert.Equal("", denials);
    }

    [Fact]
    public async Task DpkgScript_WrongClaim_IsDenied()
    {
        Assert.SkipUnless(File.Exists(Tool.Dpkg), "dpkg is not installed.");

        var (_, output) = await Tool.RunAsync("/bin/sh", ["-c", DpkgScript], "1.0 lt 1.1\n1.0~ gt 1.0\n");

        Assert.Equal("1.0~ gt 1.0\n", output);
    }

    // Whether dpkg, which has read the first of a pair, takes the second in its place: it does unless that is older.
    private static async Task<bool[]> AreSecondTakenAsync(List<(string Left, string Right)> pairs)
    {
        var folder = Directory.CreateTempSubdirectory("suture-dpkg-");
        try
        {
            folder.CreateSubdirectory("info");
            folder.CreateSubdirectory("updates");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "status"), "");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "available"), "");
            var given = Path.Combine(folder.FullName, "given");
            await File.WriteAllTextAsync(given, string.Concat(pairs.Select((pair, i) => Stanza(i, "first", pair.Left) + Stanza(i, "second", pair.Right))));
            Assert.Equal(0, (await Tool.RunAsync(Tool.Dpkg, ["--admindir", folder.FullName, "--merge-avail", given])).ExitCode);
            var isSecond = new bool[pairs.Count];
            var at = 0;
            foreach (var line in await File.ReadAllLinesAsync(Path.Combine(folder.FullName, "available")))
            {
                if (line.StartsWith("Package: p", StringComparison.Ordinal))
                {
                    at = int.Parse(line["Package: p".Length..], CultureInfo.InvariantCulture);
                }
                isSecond[at] |= line == "Maintainer: second";
            }
            return isSecond;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Stanza(int number, string maintainer, string version) =>
        $"Package: p{number}\nVersion: {version}\nArchitecture: all\nMaintainer: {maintainer}\nDescription: x\n\n";

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
