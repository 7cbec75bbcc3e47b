using System.Diagnostics;
using System.Text;

namespace Suture.Agent.Platforms.Linux;

/// <summary>What a program answered.</summary>
/// <param name="ExitCode">Its exit code; null when it was ended because its time was over.</param>
/// <param name="Output">Standard output, at most <see cref="ProcessRunner.OutputCharactersMax"/>; the rest is dropped.</param>
/// <param name="Error">Standard error, bounded likewise.</param>
internal sealed record ProcessAnswer(int? ExitCode, string Output, string Error)
{
    /// <summary>True when it ended by itself with 0.</summary>
    public bool IsSuccess => ExitCode == 0;
}

/// <summary>The only place that starts programs: absolute paths, arguments as a list, an environment of our own, bounded time and output.</summary>
/// <remarks>Programs started here only ask, or hand work to systemd (<see cref="DetachedWork"/>): the death of the agent harms nothing.</remarks>
internal sealed class ProcessRunner
{
    /// <summary>Most characters kept of each stream.</summary>
    public const int OutputCharactersMax = 8 * 1024 * 1024;

    /// <summary>The environment of every program: none of it comes from who started the agent.</summary>
    public static readonly IReadOnlyDictionary<string, string> CleanEnvironment = new Dictionary<string, string>
    {
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["LC_ALL"] = "C.UTF-8",
        ["DEBIAN_FRONTEND"] = "noninteractive",
        ["APT_LISTCHANGES_FRONTEND"] = "none",
        ["NEEDRESTART_MODE"] = "l",
        ["NEEDRESTART_SUSPEND"] = "1",
    };

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Arguments, each as it is.</param>
    /// <param name="time">Longest time; then it is killed.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <returns>What it answered.</returns>
    /// <exception cref="IOException">It cannot be started.</exception>
    public async Task<ProcessAnswer> AskAsync(string program, IReadOnlyList<string> arguments, TimeSpan time, CancellationToken cancellation)
    {
        Debug.Assert(Path.IsPathFullyQualified(program), "Programs are named by absolute path.");
        using var process = new Process { StartInfo = InfoFor(program, arguments) };
        Start(process, program);
        process.StandardInput.Close();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(time);
        var output = ReadBoundedAsync(process.StandardOutput, deadline.Token);
        var error = ReadBoundedAsync(process.StandardError, deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return new ProcessAnswer(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return new ProcessAnswer(null, "", $"{program} did not end within {time.TotalSeconds:0} s");
        }
    }

    private static ProcessStartInfo InfoFor(string program, IReadOnlyList<string> arguments)
    {
        var info = new ProcessStartInfo
        {
            FileName = program,
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }
        info.Environment.Clear();
        foreach (var (name, value) in CleanEnvironment)
        {
            info.Environment[name] = value;
        }
        return info;
    }

    private static void Start(Process process, string program)
    {
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new IOException($"{program} cannot be started: {exception.Message}. Is its package installed?", exception);
        }
    }

    private static async Task<string> ReadBoundedAsync(StreamReader reader, CancellationToken cancellation)
    {
        var kept = new StringBuilder();
        var buffer = new char[16 * 1024];
        for (int read; (read = await reader.ReadAsync(buffer, cancellation)) > 0;)
        {
            kept.Append(buffer, 0, Math.Min(read, OutputCharactersMax - kept.Length));
        }
        return kept.ToString();
    }
}
