using System.Text.Json;
using Suture.Agent.Jobs;
using Suture.Agent.Reports;
using Suture.Agent.State;
using Suture.Agent.Transport;
using Suture.Contracts;

namespace Suture.Agent.Commands;

/// <summary>The commands that speak with nobody: <c>report</c>, <c>status</c> and <c>checkpoints</c>.</summary>
internal static class LocalCommands
{
    /// <summary>Reads this machine and prints what it would report.</summary>
    /// <param name="isWhole">True: all facts as JSON; false: a few lines.</param>
    /// <param name="time">Clock.</param>
    /// <returns>Exit code.</returns>
    public static int Report(bool isWhole, TimeProvider time)
    {
        var facts = new LocalMachineReader(state: null, time).Read();
        if (isWhole)
        {
            var local = new LocalFacts { HostName = facts.HostName, BootId = facts.BootId, Packages = facts.Packages, State = facts.State, Vitals = facts.Vitals };
            Console.Out.WriteLine(JsonSerializer.Serialize(local, AgentJsonForPeople.Default.LocalFacts));
            return ExitCode.Done;
        }
        Console.Out.WriteLine($"{facts.HostName}: {facts.State.OperatingSystem?.PrettyName ?? "unknown system"}, kernel {facts.State.RunningKernel?.Release ?? "unknown"}");
        Console.Out.WriteLine($"packages: {Count(facts.Packages)}, updates offered: {Count(facts.State.AvailableUpdates)}");
        Console.Out.WriteLine($"processes running replaced code: {Count(facts.State.OutdatedProcesses)}, listening sockets: {Count(facts.State.Listening)}");
        foreach (var failure in facts.State.Failures ?? [])
        {
            Console.Out.WriteLine($"unknown ({failure.Collector}): {failure.Reason}");
        }
        return ExitCode.Done;
    }

    /// <summary>Prints what this agent is and how it stands with its server.</summary>
    /// <param name="directory">State directory.</param>
    /// <param name="isJson">True: JSON.</param>
    /// <param name="time">Clock.</param>
    /// <returns>Exit code; <see cref="ExitCode.Refused"/> when the machine has not joined.</returns>
    public static int Status(string directory, bool isJson, TimeProvider time)
    {
        var status = Read(new StateDirectory(directory));
        if (isJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(status, AgentJsonForPeople.Default.AgentStatus));
        }
        else if (!status.IsJoined)
        {
            Console.Out.WriteLine("This machine has not joined a server. The server's 'join' command line does that.");
        }
        else
        {
            Console.Out.WriteLine($"asset {status.AssetId} at {status.ServerUrl}{(status.ObservedOnly == true ? ", observed only" : "")}");
            Console.Out.WriteLine(status.Approvers is null
                ? "changes need the server's word alone"
                : $"changes need {status.SignaturesNeeded} signatures of approvers, digest of the set {status.Approvers}");
            Console.Out.WriteLine($"certificate until {status.CertificateUntilUtc:O}{(status.CertificateUntilUtc <= time.GetUtcNow() ? " (ended)" : "")}");
            Console.Out.WriteLine($"last report {status.LastSequence}, taken by the server {(status.AcknowledgedUtc is { } at ? at.ToString("O") : "never")}");
            Console.Out.WriteLine($"open jobs: {(status.OpenJobs is { Count: > 0 } jobs ? string.Join(", ", jobs) : "none")}");
        }
        return status.IsJoined ? ExitCode.Done : ExitCode.Refused;
    }

    /// <summary>Prints the kept checkpoints of the server's ledger, oldest first.</summary>
    /// <param name="directory">State directory.</param>
    /// <returns>Exit code; <see cref="ExitCode.Refused"/> when the machine has not joined.</returns>
    public static int Checkpoints(string directory)
    {
        var state = new StateDirectory(directory);
        foreach (var checkpoint in state.ReadCheckpoints())
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(checkpoint, AgentMessagesJson.Default.Checkpoint));
        }
        return state.ReadConfig() is null ? ExitCode.Refused : ExitCode.Done;
    }

    private static AgentStatus Read(StateDirectory state)
    {
        if (state.ReadConfig() is not { } config)
        {
            return new AgentStatus { IsJoined = false };
        }
        var reports = state.ReadReports();
        var approvers = new ApproverKeeper(state);
        using var identity = state.ReadIdentity() is { } pem ? AgentIdentity.FromPem(pem) : null;
        return new AgentStatus
        {
            IsJoined = true,
            ServerUrl = config.ServerUrl,
            AssetId = config.AssetId,
            ObservedOnly = config.ObservedOnly,
            Approvers = approvers.Digest,
            SignaturesNeeded = approvers.Set?.Needed,
            CertificateUntilUtc = identity?.UntilUtc,
            LastSequence = reports.Sequence,
            AcknowledgedUtc = reports.AcknowledgedUtc,
            OpenJobs = Journal.ReadOpenJobs(state.JournalPath),
        };
    }

    private static string Count<T>(IReadOnlyList<T>? list) => list is null ? "unknown" : list.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
