using Suture.EndToEnd.Tests;

// Two stories at a time: a third gains nothing on the two cores that are asked for.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]
[assembly: AssemblyFixture(typeof(EndpointModels))]

namespace Suture.EndToEnd.Tests;

/// <summary>Roots that are made once a run and copied for each story: unpacking Debian takes most of a minute. Removed when the run ends.</summary>
public sealed class EndpointModels : IAsyncDisposable
{
    private static readonly Dictionary<string, Task> Made = [];

    /// <summary>Name of a root of that suite with those packages, never booted.</summary>
    /// <param name="suite">Codename.</param>
    /// <param name="include">Packages, separated by commas.</param>
    internal static async Task<string> OfAsync(string suite, string include)
    {
        var name = $"e2e-model-{suite}-{include.Replace(',', '-')}";
        Task made;
        lock (Made)
        {
            made = Made.TryGetValue(name, out var known) ? known : Made[name] = MakeAsync(name, suite, include);
        }
        await made;
        return name;
    }

    /// <summary>Removes the roots.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var name in Made.Keys)
        {
            await Endpoint.ToolAsync("destroy", name);
        }
    }

    private static async Task MakeAsync(string name, string suite, string include)
    {
        await Endpoint.ToolAsync("destroy", name);
        await Endpoint.ToolAsync("make", name, "--suite", suite, "--include", include);
    }
}
