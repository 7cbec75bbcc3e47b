using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Suture.Tests;

namespace Suture.Server.Tests.Commands;

/// <summary><c>up</c> as a process of its own: what a person sees when it cannot start, and first when it can.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class UpProcessTests(StoreFixture stores) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("suture-up-").FullName;

    private readonly string _home = Directory.CreateTempSubdirectory("suture-home-").FullName;

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_home, recursive: true);
    }

    [Theory]
    [InlineData("--listen", "http")]
    [InlineData("--agents", "https")]
    public async Task Up_PortInUse_NamesOptionAddressAndNextStep(string option, string scheme)
    {
        using var taken = Listener();
        var address = $"{scheme}://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        var (code, output, errors) = await RunAsync(option, address);

        Assert.Equal((3, ""), (code, output));
        Assert.StartsWith($"suture up: {option} is {address}, which cannot be listened on: port", Assert.Single(Lines(errors)), StringComparison.Ordinal);
        Assert.Contains("give another port", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://0.0.0.0:7781")]
    [InlineData("https://[::]:7781")]
    public async Task Up_AgentsAtNoAddressOfTheirs_IsRefusedWithTheForm(string address)
    {
        var (code, output, errors) = await RunAsync("--agents", address);

        Assert.Equal((3, ""), (code, output));
        Assert.StartsWith($"suture up: --agents is {address}, which no agent can reach", errors, StringComparison.Ordinal);
        Assert.Contains("https://HOST:7781", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_OnePortForBoth_IsRefused()
    {
        var port = FreePort();

        var (code, _, errors) = await RunAsync("--listen", $"http://127.0.0.1:{port}", "--agents", $"https://127.0.0.1:{port}");

        Assert.Equal(3, code);
        Assert.StartsWith($"suture up: --agents is https://127.0.0.1:{port}", Assert.Single(Lines(errors)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_PostgreSqlThatIsNotThere_NamesHostPortAndNextStepAndNoPassword()
    {
        var port = FreePort();

        var (code, output, errors) = await RunAsync("--store", $"Host=127.0.0.1;Port={port};Database=suture;Username=anna;Password=hunter2");

        Assert.Equal((3, ""), (code, output));
        var line = Assert.Single(Lines(errors));
        Assert.StartsWith($"suture up: The store (PostgreSQL at 127.0.0.1, port {port}, database 'suture') cannot be used: Failed to connect", line, StringComparison.Ordinal);
        Assert.Contains("Check that PostgreSQL runs there", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_PostgreSqlWithoutTheDatabase_NamesIt()
    {
        var there = new Npgsql.NpgsqlConnectionStringBuilder(await stores.LocationAsync("postgresql")) { Database = "nowhere" };

        var (code, _, errors) = await RunAsync("--store", there.ToString());

        Assert.Equal(3, code);
        Assert.Contains("database 'nowhere') cannot be used: 3D000: database \"nowhere\" does not exist. Check", Assert.Single(Lines(errors)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_StoreThatIsNoConnectionString_SaysWhatIsWanted()
    {
        var (code, _, errors) = await RunAsync("--store", "Host=localhost;Prot=5432;Password=hunter2");

        Assert.Equal(3, code);
        Assert.Contains("is none of PostgreSQL", Assert.Single(Lines(errors)), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_DataFolderOthersMayEnter_IsRefusedWithTheRemedy()
    {
        File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        var (code, _, errors) = await RunAsync();

        Assert.Equal(3, code);
        Assert.EndsWith($"chmod 700 '{_folder}'", Assert.Single(Lines(errors)), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Up_OnAllAddresses_WarnsThatTokensTravelInClearAndPrintsAnAddressToCall()
    {
        using var process = Start(null, "--listen", $"http://0.0.0.0:{FreePort()}", "--agents", $"https://127.0.0.1:{FreePort()}");
        var lines = new List<string>();
        while (lines.Count < 5 && await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }
        process.Kill();
        await process.WaitForExitAsync();

        // Nothing before it: no warning of a part that nothing uses.
        Assert.StartsWith("Suture answers on http://0.0.0.0:", lines[0], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_home));
        Assert.StartsWith("Warning: http://0.0.0.0:", lines[1], StringComparison.Ordinal);
        Assert.Contains("in clear", lines[1], StringComparison.Ordinal);
        Assert.Contains("sign-in --server http://127.0.0.1:", lines[4], StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "suture.db")));
    }

    [Fact]
    public async Task Up_EndedDuringTheFirstLook_EndsItsAgentAndSaysNothing()
    {
        var (agent, pid) = (Path.Combine(_home, "agent.sh"), Path.Combine(_home, "pid"));
        Directory.CreateDirectory(Path.Combine(_folder, "agent"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "agent", "agent.json"), "{}");
        await File.WriteAllTextAsync(agent, $"#!/bin/sh\necho $$ > {pid}.draft && mv {pid}.draft {pid}\nexec tail -f /dev/null\n");
        File.SetUnixFileMode(agent, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var process = Start(agent, "--listen", $"http://127.0.0.1:{FreePort()}", "--agents", $"https://127.0.0.1:{FreePort()}");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        while (!File.Exists(pid) && !process.HasExited)
        {
            await Task.Yield();
        }

        using (var kill = Process.Start("/bin/sh", ["-c", $"kill -TERM {process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }
        await process.WaitForExitAsync();

        Assert.Equal((0, ""), (process.ExitCode, await errors));
        Assert.DoesNotContain("Exception", await output, StringComparison.Ordinal);
        Assert.DoesNotContain("Not everything is read", await output, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"/proc/{(await File.ReadAllTextAsync(pid)).Trim()}"));
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] extra)
    {
        using var process = Start(null, extra);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private Process Start(string? agent, params string[] extra)
    {
        string[] observe = agent is null ? ["--no-observe"] : [];
        string[] addresses = extra.Contains("--listen") || extra.Contains("--agents") ? [] : ["--listen", "http://127.0.0.1:0", "--agents", "https://127.0.0.1:0"];
        string[] missing = extra is ["--listen", _] ? ["--agents", "https://127.0.0.1:0"] : extra is ["--agents", _] ? ["--listen", "http://127.0.0.1:0"] : [];
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "suture-server"), ["up", "--data", _folder, "--offline", .. observe, .. addresses, .. missing, .. extra])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = _home, ["SUTURE_AGENT"] = agent ?? "" },
        };
        return Process.Start(start)!;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static TcpListener Listener()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int FreePort()
    {
        using var free = Listener();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
