using System.CommandLine;
using Suture.Bench.Hostile;
using Suture.Bench.Loop;

namespace Suture.Bench;

/// <summary>The benchmarks' command line; <c>./suture bench</c> hands over to it.</summary>
internal static class BenchApp
{
    // What was started is ended before the process is.
    private static readonly TimeSpan ShutdownMost = TimeSpan.FromSeconds(30);

    /// <summary>Runs one benchmark.</summary>
    /// <returns>Exit code, see <see cref="Exit"/>.</returns>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("Suture's benchmarks: the real programs under stated conditions.") { LoopCommand.Create(), HostileCommand.Create() };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"suture bench: {error.Message}");
            }
            await Console.Error.WriteLineAsync("Next: suture bench --help");
            return Exit.Usage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = ShutdownMost, EnableDefaultExceptionHandler = false });
        }
        catch (BenchException fault)
        {
            return await FailAsync(fault.Message);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            return await FailAsync(fault.ToString());
        }
        catch (OperationCanceledException fault)
        {
            return await FailAsync(fault.InnerException is TimeoutException timeout ? timeout.Message : "Interrupted; what was started has ended.");
        }
    }

    private static async Task<int> FailAsync(string message)
    {
        await Console.Error.WriteLineAsync($"suture bench: {message}");
        return Exit.Failure;
    }
}
