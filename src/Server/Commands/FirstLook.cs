using System.Diagnostics;
using Suture.Advisories;
using Suture.Contracts.Api;
using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Server.Commands;

/// <summary>What a newcomer sees: how to sign in, and what is wrong with this machine.</summary>
internal static class FirstLook
{
    private const string DefaultGroup = "default";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(50);

    // Reading the archive is asked for with a short delay, so that many reports make one reading.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    /// <summary>Prints the way in, enrols this machine as observed, and shows its fixes once they are known.</summary>
    /// <returns>The local agent's process, to be ended with the server; null when this machine is not observed.</returns>
    internal static async Task<Process?> RunAsync(IServiceProvider services, ServerOptions options, CancellationToken cancellation)
    {
        var store = services.GetRequiredService<Store>();
        var time = services.GetRequiredService<TimeProvider>();
        await Console.Out.WriteLineAsync($"Suture answers on {options.Listen} (API) and {options.Agents} (agents). Data lie in {options.DataDirectory}.");
        await SayWayInAsync(store, time, options, cancellation);
        await ImportAsync(services, options, cancellation);
        if (!options.ObservesThisMachine)
        {
            return null;
        }
        if (LocalAgent.Find() is not { } program)
        {
            await Console.Out.WriteLineAsync("This machine is not looked at: no agent was built. Run ./suture build, or start with --no-observe.");
            return null;
        }
        var agent = await LocalAgent.StartAsync(services, program, options, DefaultGroup, cancellation);
        await WaitForFindingsAsync(services, time, cancellation);
        await ShowAsync(store, time, options, cancellation);
        return agent;
    }

    private static async Task SayWayInAsync(Store store, TimeProvider time, ServerOptions options, CancellationToken cancellation)
    {
        await Console.Out.WriteLineAsync(options.IsSolo
            ? "One person may ask for a plan and approve it (--solo). Start with --two-persons to demand two."
            : "Nobody may approve a plan that they asked for (--two-persons).");
        if (await IdentitySetup.EnsureFirstUserAsync(store, time, options.IsSolo, cancellation) is { } code)
        {
            await Console.Out.WriteLineAsync($"Sign in once, within the hour:  ./suture sign-in --server {options.Listen} --user {IdentitySetup.FirstUserName} --code {code.Code}");
        }
        await Console.Out.FlushAsync(cancellation);
    }

    private static async Task ImportAsync(IServiceProvider services, ServerOptions options, CancellationToken cancellation)
    {
        if (options.FeedsDirectory is not { } folder)
        {
            return;
        }
        var import = await services.GetRequiredService<FeedLibrary>().ImportAsync(folder, "server", [], cancellation);
        await Console.Out.WriteLineAsync($"Feeds read from {folder}: {(import.Taken.Count == 0 ? "none" : string.Join(", ", import.Taken))}.");
        foreach (var problem in import.Problems)
        {
            await Console.Out.WriteLineAsync($"  refused: {problem}");
        }
    }

    // The machine's own report first; then what was asked for because of it: matching, and reading the archive.
    private static async Task WaitForFindingsAsync(IServiceProvider services, TimeProvider time, CancellationToken cancellation)
    {
        var index = services.GetRequiredService<ExposureIndex>();
        var assets = services.GetRequiredService<AssetDirectory>();
        var work = services.GetRequiredService<WorkQueue>();
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < LongestWait)
        {
            var observed = (await assets.ListAsync(Scope.All, cancellation)).Where(asset => asset.ObservedOnly && asset.State == AssetState.Active).ToList();
            if (observed.Any(asset => index.Of(asset.Id) is not null) && await work.CountDueAsync(Soon, cancellation) == 0)
            {
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellation);
        }
        await Console.Out.WriteLineAsync($"Not everything is read after {LongestWait.TotalSeconds:F0} s; what follows is what is known so far, and more comes in.");
    }

    // One rendering: the command line's, over the API, as anybody would ask.
    private static async Task ShowAsync(Store store, TimeProvider time, ServerOptions options, CancellationToken cancellation)
    {
        var program = Environment.GetEnvironmentVariable("SUTURE_CLI");
        if (program is null || !File.Exists(program) || await LookToken.CreateAsync(store, time, cancellation) is not { } token)
        {
            await Console.Out.WriteLineAsync("See what is wrong with: ./suture fixes");
            return;
        }
        var start = new ProcessStartInfo(program);
        foreach (var argument in (string[])["fixes", "--unknown", "--server", options.Listen.ToString()])
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["SUTURE_TOKEN"] = token;
        using var shown = Process.Start(start)!;
        await shown.WaitForExitAsync(cancellation);
    }
}
