using System.Diagnostics;
using System.Text;

namespace Suture.EndToEnd.Tests;

/// <summary>Runs programs of the test's own.</summary>
internal static class Command
{
    /// <summary>Runs a program to its end and expects exit code 0.</summary>
    /// <returns>Standard output.</returns>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, TimeSpan? limit = null)
    {
        var (code, output, errors) = await TryRunAsync(program, arguments, limit);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {errors}\n{output}");
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> TryRunAsync(
        string program, IEnumerable<string> arguments, TimeSpan? limit = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(program, arguments, environment);
        using var timeout = new CancellationTokenSource(limit ?? TimeSpan.FromMinutes(5));
        var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
        var errors = process.StandardError.ReadToEndAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Starts a program with its output redirected.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}
