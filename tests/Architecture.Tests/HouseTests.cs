using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Suture.Tests;

namespace Suture.Architecture.Tests;

/// <summary>The house as the design draws it: who may know whom, who owns which table, what the tour names.</summary>
public sealed partial class HouseTests
{
    /// <summary>Projects by what they may reference; a line may use all before it that its set names.</summary>
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Contracts"] = [],
        ["Knowledge"] = ["Contracts"],
        ["Collect"] = ["Contracts", "Knowledge"],
        ["Platform"] = ["Contracts"],
        ["Inventory"] = ["Contracts", "Knowledge", "Platform"],
        ["Advisories"] = ["Contracts", "Knowledge", "Platform", "Inventory"],
        ["Exposure"] = ["Contracts", "Knowledge", "Platform", "Inventory", "Advisories"],
        ["Remediation"] = ["Contracts", "Knowledge", "Platform", "Inventory", "Advisories", "Exposure"],
        ["Compliance"] = ["Contracts", "Knowledge", "Platform", "Inventory", "Advisories", "Exposure", "Remediation"],
        ["Server"] = ["Contracts", "Knowledge", "Collect", "Platform", "Inventory", "Advisories", "Exposure", "Remediation", "Compliance"],
        ["Agent"] = ["Contracts", "Knowledge", "Collect"],
        ["Cli"] = ["Contracts", "Knowledge", "Collect"],
        ["Bench"] = ["Contracts", "Knowledge", "Collect"],
    };

    [Fact]
    public void Projects_References_PointOneWay()
    {
        foreach (var project in Projects("src").Concat(Projects("bench")))
        {
            Assert.Empty(ForbiddenReferences(Path.GetFileNameWithoutExtension(project)["Suture.".Length..], File.ReadAllText(project)));
        }
    }

    [Fact]
    public void ForbiddenReferences_AgentThatKnowsTheServer_IsNamed()
    {
        var found = ForbiddenReferences("Agent", """<Project><ItemGroup><ProjectReference Include="../Platform/Suture.Platform.csproj" /></ItemGroup></Project>""");

        Assert.Equal(["Platform"], found);
    }

    [Fact]
    public void ForbiddenReferences_ServerThatKnowsTheBenchmarks_IsNamed()
    {
        var found = ForbiddenReferences("Server", """<Project><ItemGroup><ProjectReference Include="../../bench/Suture.Bench/Suture.Bench.csproj" /></ItemGroup></Project>""");

        Assert.Equal(["Bench"], found);
    }

    [Fact]
    public void Migrations_Tables_CarryTheirModulesName()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(TestPaths.Repository, "src"), "*.sql", SearchOption.AllDirectories))
        {
            var module = new DirectoryInfo(file).Parent!.Parent!.Name;
            Assert.Empty(ForeignTables(module, File.ReadAllText(file)));
        }
    }

    [Fact]
    public void ForeignTables_TableOfAnotherModule_IsNamed() =>
        Assert.Equal(["exposure_x"], ForeignTables("Inventory", "create table exposure_x (id integer);"));

    [Fact]
    public void Types_ThatAreNotAbstract_AreSealed()
    {
        foreach (var name in MayReference.Keys.Where(name => name is not ("Agent" or "Cli" or "Server" or "Bench")))
        {
            Assert.Empty(OpenTypes(Assembly.Load($"Suture.{name}")));
        }
    }

    [Fact]
    public void OpenTypes_ThisAssembly_FindsThePlantedOne() => Assert.Contains(typeof(PlantedOpenType), OpenTypes(typeof(PlantedOpenType).Assembly));

    [Fact]
    public void Tour_EachFileAndSymbol_Exists()
    {
        var faults = TourFaults(File.ReadAllText(Path.Combine(TestPaths.Repository, "docs", "tour.md")), out var named);

        Assert.Empty(faults);
        Assert.InRange(named, 10, 60);
    }

    [Fact]
    public void TourFaults_SymbolThatIsNotThere_IsNamed() =>
        Assert.Single(TourFaults("see `src/Contracts/SnakeCase.cs#NoSuchThing`", out _));

    /// <summary>Neither sealed nor abstract: the control.</summary>
    public class PlantedOpenType;

    private static IEnumerable<string> Projects(string folder) =>
        Directory.GetDirectories(Path.Combine(TestPaths.Repository, folder)).Select(project => Directory.GetFiles(project, "*.csproj").Single());

    private static List<string> ForbiddenReferences(string project, string text) =>
        [.. XDocument.Parse(text).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)["Suture.".Length..])
            .Where(name => !MayReference[project].Contains(name))];

    private static List<string> ForeignTables(string module, string sql) =>
        [.. Created().Matches(sql).Select(match => match.Groups[1].Value)
            .Where(table => !table.StartsWith(module.ToLowerInvariant() + "_", StringComparison.Ordinal))];

    private static List<Type> OpenTypes(Assembly assembly) =>
        [.. assembly.GetTypes().Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false }
            && !type.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute))
            && !assembly.GetTypes().Any(other => other.BaseType == type || (other.BaseType is { IsGenericType: true } generic && generic.GetGenericTypeDefinition() == type)))];

    private static List<string> TourFaults(string text, out int named)
    {
        var faults = new List<string>();
        var matches = Reference().Matches(text);
        named = matches.Count;
        foreach (Match match in matches)
        {
            var (file, symbol) = (match.Groups[1].Value, match.Groups[2].Value);
            var path = Path.Combine(TestPaths.Repository, file);
            if (!File.Exists(path) || !Regex.IsMatch(File.ReadAllText(path), $@"\b{Regex.Escape(symbol)}\b"))
            {
                faults.Add(match.Value);
            }
        }
        return faults;
    }

    [GeneratedRegex(@"create (?:table|view) (\w+)")]
    private static partial Regex Created();

    [GeneratedRegex(@"`([\w./\-]+\.(?:cs|sql|yaml))#(\w+)`")]
    private static partial Regex Reference();
}
