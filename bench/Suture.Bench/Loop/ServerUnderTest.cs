using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Bench.Loop;

/// <summary>The real server's executable with a store of its own; it ends with this object.</summary>
internal sealed partial class ServerUnderTest : IAsyncDisposable
{
    private const string PathVariable = "SUTURE_SERVER";

    private readonly Queue<string> _lines = [];
    private readonly Process _process;
    private readonly TimeProvider _time;
    private string? _code;
    private bool _isStarted;

    private ServerUnderTest(ProcessStartInfo start, Uri api, Uri agents, TimeProvider time)
    {
        _time = time;
        Api = new ApiClient(api);
        Agents = agents;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    /// <summary>The API, as the first user, who holds all roles.</summary>
    public ApiClient Api { get; }

    /// <summary>The agents' port.</summary>
    public Uri Agents { get; }

    /// <summary>Its process.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Processor time that it has used, of all cores together.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it on free ports of loopback, and signs in with the code that it prints.</summary>
    /// <param name="data">Its data folder.</param>
    /// <param name="store">Connection string; null for SQLite in the data folder.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="BenchException">It does not come up; says what it printed.</exception>
    public static async Task<ServerUnderTest> StartAsync(string data, string? store, TimeProvider time, CancellationToken cancellation)
    {
        var executable = Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path && File.Exists(path)
            ? path
            : throw new BenchException($"{PathVariable} names no server; start the benchmark with ./suture bench, which builds one.");
        var (api, agents) = (new Uri($"http://127.0.0.1:{FreePort()}"), new Uri($"https://127.0.0.1:{FreePort()}"));
        var start = new ProcessStartInfo(executable) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "up", "--no-observe", "--offline", "--data", data, "--listen", api.ToString(), "--agents", agents.ToString(),
            .. store is null ? (string[])[] : ["--store", store],
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        var server = new ServerUnderTest(start, api, agents, time);
        try
        {
            await server.ComeUpAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has it read the feeds of a folder; they are in force when this returns.</summary>
    /// <exception cref="BenchException">None was taken.</exception>
    public Task ImportAsync(string folder, CancellationToken cancellation) => Api.PostAsync(
        "feeds/import", new FeedImportRequest { Directory = folder }, ContractsJson.Default.FeedImportRequest, ContractsJson.Default.PageFeedRow, cancellation);

    /// <summary>Waits until no work waits in the server.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="later">Items that wait for a time that does not come here: one for each asset with a job, for the day on which the job's time is over.</param>
    /// <exception cref="BenchException">It does not come to an end.</exception>
    public Task WaitForIdleAsync(CancellationToken cancellation, int later = 0) => WaitAsync(
        "to finish its work",
        LoopLimits.ServerWait,
        async () => (await Api.GetAsync("status", ContractsJson.Default.ServerStatus, cancellation)).WorkWaiting <= later,
        cancellation);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (_isStarted && !_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        _process.Dispose();
    }

    private async Task ComeUpAsync(CancellationToken cancellation)
    {
        _isStarted = _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitAsync("to answer", LoopLimits.ServerWait, () => Api.IsUpAsync(cancellation), cancellation);
        // The code is printed once; a store that has users already gets none.
        await WaitAsync(
            "to print a one-time sign-in (the store must be an empty one)", LoopLimits.SignInWait, () => Task.FromResult(Volatile.Read(ref _code) is not null), cancellation);
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        await Api.SignInAsync(new SignInRequest { UserName = "admin", Secret = _code!, NewPassword = password }, cancellation);
    }

    private async Task WaitAsync(string what, TimeSpan longest, Func<Task<bool>> holds, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        while (!await holds())
        {
            if (_process.HasExited)
            {
                throw new BenchException($"The server ended with {_process.ExitCode} while it was waited for {what}:\n{Said()}");
            }
            if (_time.GetElapsedTime(started) > longest)
            {
                throw new BenchException($"The server took longer than {longest.TotalSeconds:F0} s {what}:\n{Said()}");
            }
            await Task.Delay(LoopLimits.ServerPoll, _time, cancellation);
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }
        if (SignInCode().Match(line) is { Success: true } match)
        {
            Volatile.Write(ref _code, match.Groups[1].Value);
            return;
        }
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > LoopLimits.ServerLinesMax)
            {
                _lines.Dequeue();
            }
        }
    }

    /// <summary>Last lines that it printed.</summary>
    private string Said()
    {
        lock (_lines)
        {
            return string.Join('\n', _lines);
        }
    }

    // Free a moment ago; another program may take it before the server does, which then says so and ends.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"--code (\S+)")]
    private static partial Regex SignInCode();
}
