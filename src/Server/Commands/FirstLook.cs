using System.Diagnostics;
using System.Globalization;
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

    /// <summary>Fixes on the first page; the rest is counted.</summary>
    private const int FixesMax = 20;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(50);

    // Reading the archive is asked for with a short delay, so that many reports make one reading.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    /// <summary>Puts the feeds that were given in force, before anybody can ask what is wrong.</summary>
    internal static async Task ImportAsync(IServiceProvider services, ServerOptions options, CancellationToken cancellation)
    {
        if (options.FeedsDirectory is not { } folder)
        {
            return;
        }
        await SayAsync($"Feeds are read from {folder} ...");
        var import = await services.GetRequiredService<FeedLibrary>().ImportAsync(folder, "server", [], cancellation);
        await SayAsync($"  taken: {(import.Taken.Count == 0 ? "none" : string.Join(", ", import.Taken))}");
        foreach (var problem in import.Problems)
        {
            await SayAsync($"  refused: {problem}");
        }
    }

    /// <summary>Prints the way in, enrols this machine as observed, and shows its fixes once they are known.</summary>
    /// <returns>The local agent, to be ended with the server; null when this machine is not observed.</returns>
    internal static async Task<LocalAgent?> RunAsync(IServiceProvider services, ServerOptions options, CancellationToken cancellation)
    {
        var store = services.GetRequiredService<Store>();
        var time = services.GetRequiredService<TimeProvider>();
        await SayAsync($"Suture answers on {options.Listen} (API) and {options.Agents} (agents). Data and log lie in {options.DataDirectory}.");
        if (!options.Listen.IsLoopback)
        {
            await SayAsync(
                $"Warning: {options.Listen} is open to the network and has no TLS: passwords and tokens travel in clear. Put a TLS proxy in front, or listen on 127.0.0.1 (docs/security.md).");
        }
        await SayWayInAsync(store, time, options, cancellation);
        if (!options.ObservesThisMachine)
        {
            return null;
        }
        if (LocalAgent.Find() is not { } program)
        {
            await SayAsync("This machine is not looked at: no agent was built. Run ./suture build, or start with --no-observe.");
            return null;
        }
        var agent = await LocalAgent.StartAsync(services, program, options, DefaultGroup, cancellation);
        try
        {
            await WaitForFindingsAsync(services, time, options, cancellation);
            await ShowAsync(store, time, options, cancellation);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    private static async Task SayAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.Out.FlushAsync(CancellationToken.None);
    }

    private static async Task SayWayInAsync(Store store, TimeProvider time, ServerOptions options, CancellationToken cancellation)
    {
        await SayAsync(options.IsSolo
            ? "One person may ask for a plan and approve it (--solo). Start with --two-persons to demand two."
            : "Nobody may approve a plan that they asked for (--two-persons).");
        if (await IdentitySetup.EnsureFirstUserAsync(store, time, options.IsSolo, cancellation) is { } code)
        {
            await SayAsync($"Sign in once, within the hour:\n  ./suture sign-in --server {options.FromHere} --user {IdentitySetup.FirstUserName} --code {code.Code}");
        }
    }

    // The machine's own report first; then what was asked for because of it: matching, and reading the archive.
    private static async Task WaitForFindingsAsync(IServiceProvider services, TimeProvider time, ServerOptions options, CancellationToken cancellation)
    {
        await SayAsync("\nThis machine is looked at; nothing on it is changed.");
        var work = services.GetRequiredService<WorkQueue>();
        var started = time.GetTimestamp();
        var isReported = false;
        while (time.GetElapsedTime(started) < LongestWait)
        {
            if (!isReported && await IsReportedAsync(services, cancellation))
            {
                isReported = true;
                var next = options.FetchesFeeds ? " What its updates close is read from the Debian archive, a minute at the most ..." : "";
                await SayAsync($"Its report is in after {time.GetElapsedTime(started).TotalSeconds:F0} s.{next}");
            }
            if (isReported && await work.CountDueAsync(Soon, cancellation) == 0)
            {
                await SayAsync($"All is read after {time.GetElapsedTime(started).TotalSeconds:F0} s.\n");
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellation);
        }
        await SayAsync($"Not all is read after {LongestWait.TotalSeconds:F0} s: this is what is known so far, and more comes in.\n");
    }

    private static async Task<bool> IsReportedAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var index = services.GetRequiredService<ExposureIndex>();
        var assets = await services.GetRequiredService<AssetDirectory>().ListAsync(Scope.All, cancellation);
        return assets.Any(asset => asset.ObservedOnly && asset.State == AssetState.Active && index.Of(asset.Id) is not null);
    }

    // One rendering: the command line's, over the API, as anybody would ask.
    private static async Task ShowAsync(Store store, TimeProvider time, ServerOptions options, CancellationToken cancellation)
    {
        var program = Environment.GetEnvironmentVariable("SUTURE_CLI");
        if (program is null || !File.Exists(program) || await LookToken.CreateAsync(store, time, cancellation) is not { } token)
        {
            await SayAsync("See what is wrong with: ./suture fixes");
            return;
        }
        var start = new ProcessStartInfo(program);
        foreach (var argument in (string[])["fixes", "--unknown", "--limit", FixesMax.ToString(CultureInfo.InvariantCulture), "--server", options.FromHere.ToString()])
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["SUTURE_TOKEN"] = token;
        using var shown = Process.Start(start)!;
        await shown.WaitForExitAsync(cancellation);
        await SayAsync($"\nOnce signed in: ./suture fixes show FIX, ./suture --help. This server runs until Ctrl-C; its log is {options.LogPath}.");
    }
}
