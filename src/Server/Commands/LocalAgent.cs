using System.Diagnostics;
using Suture.Inventory;

namespace Suture.Server.Commands;

/// <summary>The agent of the machine that the server runs on: observed only, a child of the server, ended with it.</summary>
internal static class LocalAgent
{
    private const string Environment = "production";

    /// <summary>The agent's program, as the launcher built it; null when there is none.</summary>
    internal static string? Find() =>
        System.Environment.GetEnvironmentVariable("SUTURE_AGENT") is { Length: > 0 } program && File.Exists(program) ? program : null;

    /// <summary>Enrols it when it is not enrolled yet, and starts it.</summary>
    /// <exception cref="InvalidOperationException">It could not join; says what it said.</exception>
    internal static async Task<Process> StartAsync(IServiceProvider services, string program, ServerOptions options, string group, CancellationToken cancellation)
    {
        var state = Path.Combine(options.DataDirectory, "agent");
        if (!File.Exists(Path.Combine(state, "agent.json")))
        {
            await JoinAsync(services, program, state, options, group, cancellation);
        }
        return Start(program, ["run", "--state", state]);
    }

    private static async Task JoinAsync(IServiceProvider services, string program, string state, ServerOptions options, string group, CancellationToken cancellation)
    {
        var local = services.GetRequiredService<LocalEndpoint>();
        var invitation = await local.InviteAsync(group, Environment, "server", cancellation);
        using var join = Start(
            program,
            [
                "join", "--server", options.Agents.GetLeftPart(UriPartial.Authority), "--ca-fingerprint", local.Fingerprint,
                "--token", invitation.Token, "--observe", "--state", state, "--no-service",
            ],
            isQuiet: true);
        var said = await join.StandardError.ReadToEndAsync(cancellation);
        await join.WaitForExitAsync(cancellation);
        if (join.ExitCode != 0)
        {
            throw new InvalidOperationException($"The local agent could not join (exit {join.ExitCode}): {said.Trim()}");
        }
    }

    private static Process Start(string program, IReadOnlyList<string> arguments, bool isQuiet = false)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = isQuiet, RedirectStandardOutput = isQuiet };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        return Process.Start(start)!;
    }
}
