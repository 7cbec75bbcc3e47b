using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Suture.Platform.Work;
using Suture.Tests;

namespace Suture.Server.Tests;

/// <summary>Kinds of work are texts, dispatched by a dictionary: no compiler leads from one to its handler. What people read instead must be true.</summary>
public sealed partial class WorkKindsTests(StoreFixture stores)
{
    /// <summary>A kind as its module states it.</summary>
    /// <param name="Name">Name of the constant.</param>
    /// <param name="Comment">Its doc comment.</param>
    private sealed record Stated(string Name, string Comment);

    [Fact]
    public async Task Kinds_EachConstant_NamesTheHandlerThatIsRegistered()
    {
        var handlers = await HandlersAsync();

        var stated = StatedKinds();

        Assert.Equal(handlers.Keys.Order(StringComparer.Ordinal), stated.Keys.Order(StringComparer.Ordinal));
        Assert.All(stated, kind => Assert.Contains($"Handled by <c>{handlers[kind.Key]}</c>", kind.Value.Comment, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kinds_TheLoopsRemarks_NameEachWithItsHandler()
    {
        var handlers = await HandlersAsync();

        var remarks = InRemarks().Matches(Source("src/Server/Loop.cs")).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

        Assert.Equal(handlers.Select(pair => (pair.Key, pair.Value)).Order(), remarks.Order());
    }

    // As the server itself composes them.
    private async Task<Dictionary<string, string>> HandlersAsync()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"suture-kinds-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}");
        try
        {
            await using var store = await stores.CreateAsync("sqlite", [.. Loop.Modules]);
            var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System);
            services.AddLoop(new ServerOptions { DataDirectory = folder, Listen = new Uri("http://127.0.0.1:1/"), Agents = new Uri("https://localhost:2") }, store);
            await using var provider = services.BuildServiceProvider();
            return provider.GetServices<IWorkHandler>().ToDictionary(handler => handler.Kind, handler => handler.GetType().Name);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Dictionary<string, Stated> StatedKinds() =>
        Directory.GetFiles(Path.Combine(TestPaths.Repository, "src"), "*Work.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) == $"{Path.GetFileName(Path.GetDirectoryName(file))}Work.cs")
            .SelectMany(file => Constants().Matches(File.ReadAllText(file)))
            .ToDictionary(match => match.Groups[3].Value, match => new Stated(match.Groups[2].Value, Unwrapped().Replace(match.Groups[1].Value, " ")));

    private static string Source(string file) => File.ReadAllText(Path.Combine(TestPaths.Repository, file));

    [GeneratedRegex("""((?:^ +///[^\n]*\n)+) +public const string (\w+) = "([a-z]+\.[a-z-]+)";""", RegexOptions.Multiline)]
    private static partial Regex Constants();

    [GeneratedRegex(@"\s+/// ")]
    private static partial Regex Unwrapped();

    [GeneratedRegex(@"^/// .* ([a-z]+\.[a-z-]+) +(\w+)$", RegexOptions.Multiline)]
    private static partial Regex InRemarks();
}
