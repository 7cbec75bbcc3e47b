using Suture.EndToEnd.Tests;

[assembly: AssemblyFixture(typeof(EndpointModels))]

namespace Suture.EndToEnd.Tests;

/// <summary>Roots that are made once a run and copied for each story: unpacking Debian takes most of a minute. Removed when the run ends.</summary>
public sealed class EndpointModels : IAsyncDisposable
{
    private static readonly HashSet<string> Made = [];

    /// <summary>Name of a root of that suite with those packages, never booted.</summary>
    /// <param name="suite">Codename.</param>
    /// <param name="include">Packages, separated by commas.</param>
    internal static async Task<string> OfAsync(string suite, string include)
    {
        var name = $"e2e-model-{suite}-{include.Replace(',', '-')}";
        if (Made.Add(name))
        {
            await Endpoint.ToolAsync("destroy", name);
            await Endpoint.ToolAsync("make", name, "--suite", suite, "--include", include);
        }
        return name;
    }

    /// <summary>Removes the roots.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var name in Made)
        {
            await Endpoint.ToolAsync("destroy", name);
        }
    }
}
