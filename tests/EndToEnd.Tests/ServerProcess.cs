using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Serialization.Metadata;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>The real server's executable, over its real ports, with a store of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly List<string> _lines = [];
    private readonly string[] _extra;
    private readonly CancellationTokenSource _ending = new();
    private Process? _process;
    private IReadOnlyDictionary<string, string>? _environment;
    private Task _revival = Task.CompletedTask;

    private ServerProcess(string folder, int apiPort, int agentPort, string[] extra)
    {
        Folder = folder;
        _extra = extra;
        ApiPort = apiPort;
        AgentPort = agentPort;
        Api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{apiPort}/api/v1/"), Timeout = TimeSpan.FromSeconds(60) };
    }

    public string Folder { get; }

    public int ApiPort { get; }

    public int AgentPort { get; }

    /// <summary>The API as the first user, who holds all roles.</summary>
    public HttpClient Api { get; }

    /// <summary>Starts a server with an empty store and signs the first user in.</summary>
    public static async Task<ServerProcess> StartAsync(params string[] extra)
    {
        var server = new ServerProcess(Directory.CreateTempSubdirectory("suture-e2e-").FullName, FreePort(), FreePort(), extra);
        await server.LaunchAsync();
        await server.SignInAsync();
        return server;
    }

    /// <summary>Starts a server that may die by itself: it is started again each time, as its unit would, until this object ends.</summary>
    /// <param name="death">Its environment until it has died once.</param>
    /// <param name="hasDied">Whether it has.</param>
    /// <param name="extra">Arguments.</param>
    public static async Task<ServerProcess> StartMortalAsync(Func<string, Task<IReadOnlyDictionary<string, string>>> death, Func<bool> hasDied, params string[] extra)
    {
        var server = new ServerProcess(Directory.CreateTempSubdirectory("suture-e2e-").FullName, FreePort(), FreePort(), extra);
        server._environment = await death(server.Folder);
        server._revival = server.ReviveAsync(hasDied);
        await server.LaunchAsync();
        await server.SignInAsync();
        return server;
    }

    private async Task ReviveAsync(Func<bool> hasDied)
    {
        while (!_ending.IsCancellationRequested)
        {
            if (_process is { HasExited: true } && hasDied())
            {
                _environment = null;
                await LaunchAsync();
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>Starts the executable; used again after <see cref="KillAsync"/>.</summary>
    public async Task LaunchAsync()
    {
        string[] arguments =
        [
            "up", "--data", Folder, "--listen", $"http://127.0.0.1:{ApiPort}", "--agents", $"https://127.0.0.1:{AgentPort}", "--no-observe", .. _extra,
        ];
        _process = Command.Start(Executable, arguments, _environment);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Wait.UntilAsync("the server answers", TimeSpan.FromSeconds(60), async () =>
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"the server ended with {_process.ExitCode}:\n{Log}");
            }
            using var response = await Api.GetAsync("status");
            return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Unauthorized;
        });
    }

    /// <summary>Backs the running server up.</summary>
    /// <returns>The backup's folder, beside its data.</returns>
    public async Task<string> BackupAsync()
    {
        var backup = Folder + ".backup";
        await Command.RunAsync(Executable, ["backup", backup, "--data", Folder]);
        return backup;
    }

    /// <summary>Puts a backup where the data was, which is lost.</summary>
    public async Task RestoreAsync(string backup)
    {
        Directory.Delete(Folder, recursive: true);
        await Command.RunAsync(Executable, ["restore", backup, "--data", Folder]);
        Directory.Delete(backup, recursive: true);
    }

    private static string Executable => Path.Combine(TestPaths.Repository, "out", "server", "suture-server");

    /// <summary>Ends the server as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public string Log
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type)
    {
        using var response = await Api.GetAsync(path);
        return await ReadAsync(response, type);
    }

    public async Task<TAnswer> PostAsync<TRequest, TAnswer>(string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType)
    {
        using var response = await Api.PostAsync(path, JsonContent.Create(request, requestType));
        return await ReadAsync(response, answerType);
    }

    /// <summary>Runs the command line's executable as the first user.</summary>
    public Task<(int Code, string Output, string Errors)> RunCliAsync(params string[] arguments) => Command.TryRunAsync(
        Path.Combine(TestPaths.Repository, "out", "cli", "suture-cli"), arguments,
        environment: new Dictionary<string, string> { ["SUTURE_SERVER"] = $"http://127.0.0.1:{ApiPort}/", ["SUTURE_TOKEN"] = Api.DefaultRequestHeaders.Authorization!.Parameter!, ["SUTURE_KEY_PASSPHRASE"] = KeyPassphrase });

    /// <summary>Passphrase of the approvers' keys that the command line makes in this run.</summary>
    private static string KeyPassphrase { get; } = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();

    /// <summary>Makes a one-use token and gives the arguments of the join command.</summary>
    public async Task<string[]> JoinArgumentsAsync(string environment)
    {
        var answer = await PostAsync(
            "enrollment-tokens", new EnrollmentTokenRequest { Group = "default", Environment = environment },
            ContractsJson.Default.EnrollmentTokenRequest, ContractsJson.Default.EnrollmentTokenResponse);
        var words = answer.Command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words[Array.IndexOf(words, "join")..];
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _revival;
        _ending.Dispose();
        Api.Dispose();
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }
        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? System.Text.Json.JsonSerializer.Deserialize(text, type)!
            : throw new InvalidOperationException($"{response.RequestMessage!.RequestUri} answered {(int)response.StatusCode}: {text}");
    }

    private async Task SignInAsync()
    {
        string? code = null;
        await Wait.UntilAsync("the one-time sign-in is printed", TimeSpan.FromSeconds(30), () =>
        {
            code = Log.Split('\n').Select(line => System.Text.RegularExpressions.Regex.Match(line, @"--code (\S+)")).FirstOrDefault(m => m.Success)?.Groups[1].Value;
            return Task.FromResult(code is not null);
        });
        var session = await PostAsync(
            "auth/sign-in", new SignInRequest { UserName = "admin", Secret = code!, NewPassword = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)) },
            ContractsJson.Default.SignInRequest, ContractsJson.Default.SignInResponse);
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.Token);
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Waits for something real, looking again and again, never for a time to pass.</summary>
internal static class Wait
{
    public static async Task UntilAsync(string what, TimeSpan longest, Func<Task<bool>> holds, Func<Task<string>>? diagnosis = null)
    {
        var started = Stopwatch.GetTimestamp();
        Exception? last = null;
        while (Stopwatch.GetElapsedTime(started) < longest)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
                last = null;
            }
            catch (HttpRequestException fault)
            {
                last = fault;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System);
        }
        var more = diagnosis is null ? "" : "\n" + await diagnosis();
        Assert.Fail($"not within {longest.TotalSeconds} s: {what}. {last?.Message}{more}");
    }
}
