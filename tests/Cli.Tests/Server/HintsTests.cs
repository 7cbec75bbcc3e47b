using System.Text.RegularExpressions;
using Suture.Cli.Server;
using Suture.Tests;

namespace Suture.Cli.Tests.Server;

public sealed partial class HintsTests
{
    [Theory]
    [InlineData("List plans with GET /api/v1/plans.", "List plans with ./suture plan list.")]
    [InlineData("Use PUT /api/v1/users/anna.b.", "Use ./suture users set anna.b.")]
    [InlineData("See GET /api/v1/not/there.", "See GET /api/v1/not/there.")]
    public void ForPeople_NamesCommands(string text, string expected) => Assert.Equal(expected, Hints.ForPeople(text));

    [Fact]
    public void EveryRouteThatTheServerTellsPeople_HasACommand()
    {
        var told = Directory.EnumerateFiles(Path.Combine(TestPaths.Repository, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/Cli/", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(file)).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))
            .SelectMany(line => Told().Matches(line)).Select(match => Placeholder().Replace(match.Value, "x")).Distinct().ToList();

        Assert.True(told.Count > 5, $"only {told.Count} were found");
        Assert.All(told, route => Assert.StartsWith(Launcher.Name, Hints.ForPeople(route)));
    }

    [GeneratedRegex("""(GET|POST|PUT|DELETE) /api/v1/[A-Za-z0-9_./{}-]+""")]
    private static partial Regex Told();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Placeholder();
}
