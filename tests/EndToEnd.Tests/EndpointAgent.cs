using System.Globalization;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>The built agent on a real endpoint, before a loopback server that offers it any job.</summary>
internal sealed class EndpointAgent(LoopbackServer server, Endpoint endpoint)
{
    private static readonly TimeSpan Minutes = TimeSpan.FromMinutes(4);

    public LoopbackServer Server => server;

    public Endpoint Endpoint => endpoint;

    /// <summary>Installs the agent, joins, and waits for its first report.</summary>
    public async Task<AssetReport> JoinAsync()
    {
        endpoint.CopyIn(Path.Combine(TestPaths.Repository, "out", "agent", "suture-agent"), "/usr/local/bin/suture-agent");
        await endpoint.RunAsync(
            "/usr/local/bin/suture-agent", "join", "--server", server.Url, "--ca-fingerprint", server.Fingerprint, "--token", LoopbackServer.Token);
        await UntilAsync("the first report", () => !server.Reports.IsEmpty);
        return server.Reports.First();
    }

    public Task<JobResult> EnsureAsync(params JobPackage[] packages) => ResultAsync(server.Offer(JobVerb.EnsurePackage, packages));

    /// <summary>Waits for a job's result, and for the report that follows it.</summary>
    public async Task<JobResult> ResultAsync(JobPayload job)
    {
        await UntilAsync($"the result of {job.Verb}", () => server.Results.Any(result => result.JobId == job.JobId));
        var result = server.Results.First(result => result.JobId == job.JobId);
        await UntilAsync($"the report after {job.Verb}", () => server.Reports.Any(report => report.AfterJob == job.JobId));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{job.Verb} {string.Join(' ', job.Packages.Select(package => package.Name))}: {result.Outcome} {result.Reason} {result.Detail} {(result.EndedUtc - result.StartedUtc).TotalSeconds:0.0} s"));
        return result;
    }

    public Task UntilAsync(string what, Func<bool> holds) => UntilAsync(what, () => Task.FromResult(holds()));

    public Task UntilAsync(string what, Func<Task<bool>> holds) => Wait.UntilAsync(what, Minutes, holds, async () =>
        (await endpoint.TryRunAsync("journalctl", "-o", "short-precise", "-n", "80", "--no-pager")).Output);

    /// <summary>How often dpkg's log has each of these packages upgraded.</summary>
    public async Task<IReadOnlyList<int>> UpgradesAsync(IEnumerable<JobPackage> packages)
    {
        var log = (await endpoint.TryRunAsync("cat", "/var/log/dpkg.log")).Output.Split('\n');
        return [.. packages.Select(package => log.Count(line => line.Contains($" upgrade {package.Name}:", StringComparison.Ordinal)))];
    }

    /// <summary>What a job would name to bring all that is installed of a source up to date.</summary>
    public static JobPackage[] Of(IReadOnlyList<AvailableUpdate> updates, string source) =>
    [
        .. updates.Where(update => update.Source == source).Select(update => new JobPackage
        {
            Name = update.Package, Architecture = update.Architecture, Version = update.Version, MinimumVersion = update.Version, Sha256 = update.Sha256,
        }),
    ];
}
