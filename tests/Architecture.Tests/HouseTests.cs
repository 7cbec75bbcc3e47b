using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Suture.Tests;

namespace Suture.Architecture.Tests;

/// <summary>The house as the design draws it: who may know whom, who owns which table, what the documentation names.</summary>
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
        ["Simulation"] = ["Agent", "Remediation"], // the two sides of the loop
        ["Fuzz"] = ["Agent", "Cli", "Server"], // it calls every parser of the house, whoever owns it
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
        foreach (var name in MayReference.Keys.Where(name => name is not ("Agent" or "Cli" or "Server" or "Bench" or "Fuzz" or "Simulation")))
        {
            Assert.Empty(OpenTypes(Assembly.Load($"Suture.{name}")));
        }
    }

    [Fact]
    public void OpenTypes_ThisAssembly_FindsThePlantedOne() => Assert.Contains(typeof(PlantedOpenType), OpenTypes(typeof(PlantedOpenType).Assembly));

    [Fact]
    public void Docs_EachFileAndSymbol_IsDeclared()
    {
        foreach (var page in Directory.GetFiles(Path.Combine(TestPaths.Repository, "docs"), "*.md", SearchOption.AllDirectories))
        {
            Assert.Empty(UndeclaredSymbols(File.ReadAllText(page)).Select(reference => $"{Path.GetFileName(page)}: {reference}"));
        }
    }

    [Theory]
    [InlineData("src/Contracts/SnakeCase.cs#NoSuchThing")]
    [InlineData("src/Contracts/NoSuchFile.cs#SnakeCase")]
    [InlineData("src/Server/Loop.cs#AddInventory")]          // called there
    [InlineData("src/Server/Loop.cs#Store")]                 // a parameter's type there
    [InlineData("src/Server/Loop.cs#MatchAsset")]            // in a comment there
    [InlineData("src/Compliance/ComplianceReader.cs#OpenByAssetAsync")]
    public void UndeclaredSymbols_SymbolThatIsOnlyUsedOrAbsent_IsNamed(string reference) => Assert.Equal([$"`{reference}`"], UndeclaredSymbols($"see `{reference}`"));

    [Theory]
    [InlineData("src/Contracts/SnakeCase.cs#SnakeCase")]     // a generic class
    [InlineData("src/Server/Loop.cs#AddLoop")]               // a method
    [InlineData("src/Server/Loop.cs#Modules")]               // a property
    [InlineData("src/Inventory/InventoryWork.cs#AssetChanged")]
    [InlineData("src/Exposure/Findings/Episode.cs#FixedInEffect")]
    [InlineData("src/Remediation/Policies/default-policy.yaml#rules")]
    [InlineData("src/Exposure/Migrations/0300_exposure.sql#exposure_episode")]
    public void UndeclaredSymbols_Declared_IsNot(string reference) => Assert.Empty(UndeclaredSymbols($"see `{reference}`"));

    [Fact]
    public void Tour_Spine_IsAboutFifteenFilesOnceEach()
    {
        var spine = Spine().Matches(File.ReadAllText(Path.Combine(TestPaths.Repository, "docs", "tour.md"))).Select(match => match.Groups[1].Value).ToList();

        Assert.Equal(spine.Distinct(), spine);
        Assert.InRange(spine.Count, 13, 17);
    }

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

    private static List<string> UndeclaredSymbols(string text) =>
        [.. Reference().Matches(text).Where(reference => !IsDeclared(Path.Combine(TestPaths.Repository, reference.Groups[1].Value), reference.Groups[2].Value))
            .Select(reference => reference.Value)];

    private static bool IsDeclared(string file, string symbol)
    {
        if (!File.Exists(file))
        {
            return false;
        }
        const string Modifiers = "(?:(?:public|internal|private|protected|static|sealed|abstract|partial|readonly|const|async|override|virtual|required|extern) +)+";
        string[] forms = Path.GetExtension(file) switch
        {
            ".cs" =>
            [
                // A type; a member with its modifiers and its type before it; a member of an enum.
                $@"^[^/""\n]*\b(?:class|record|struct|interface|enum) +{symbol}\b",
                $@"^ *{Modifiers}[\w<>\[\]?.,() ]+[ \]>?]{symbol} *(?:[({{=;]|<\w[^>\n]*> *\(|$)",
                $@"^ +{symbol} *= *\d+,? *$",
            ],
            ".sql" => [$@"^create (?:table|view|index|unique index) {symbol}\b"],
            _ => [$@"^ *{symbol}:"],
        };
        var text = File.ReadAllText(file);
        return forms.Any(form => Regex.IsMatch(text, form, RegexOptions.Multiline));
    }

    [GeneratedRegex(@"create (?:table|view) (\w+)")]
    private static partial Regex Created();

    [GeneratedRegex(@"`([\w./\-]+\.(?:cs|sql|yaml))#(\w+)`")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\*\*`([\w./\-]+\.cs)#\w+`\*\*")]
    private static partial Regex Spine();
}
