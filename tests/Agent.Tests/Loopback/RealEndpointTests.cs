using System.Diagnostics;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Tests;

namespace Suture.Agent.Tests.Loopback;

/// <summary>The built agent inside a real Debian endpoint (tests/tools/endpoint) with its security updates pending. Root only; asked for by name.</summary>
/// <remarks>
/// <c>tests/tools/endpoint make NAME --include openssl,nginx,curl,python3 --security; tests/tools/endpoint boot NAME; tools/build-agent out/agent</c>, then
/// <c>SUTURE_AGENT_ENDPOINT=NAME</c> and this class. The tests run in order of their names: each leaves the endpoint to the next.
/// </remarks>
public sealed class RealEndpointTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private static readonly string? Endpoint1 = Environment.GetEnvironmentVariable("SUTURE_AGENT_ENDPOINT");
    private static readonly string Tool = Path.Combine(TestPaths.Repository, "tests/tools/endpoint");

    [Fact]
    public async Task Agent_OnARealEndpoint_LivesThroughAllVerbs()
    {
        Assert.SkipWhen(string.IsNullOrEmpty(Endpoint1), "SUTURE_AGENT_ENDPOINT names no booted endpoint.");
        await using var server = await LoopbackServer.StartAsync();
        await InstallAsync(server);
        await UntilAsync("a first report", () => !server.Reports.IsEmpty);
        var updates = server.Reports.First().State!.AvailableUpdates!;

        await UpgradeAsync(server, updates);
        await KillWhileAptRunsAsync(server, updates);
        await RestartAsync(server);
        await RefusalsAsync(server, updates);
        await RebootAsync(server);
    }

    private static async Task UpgradeAsync(LoopbackServer server, IReadOnlyList<AvailableUpdate> updates)
    {
        var library = updates.First(update => update.Package.StartsWith("libssl", StringComparison.Ordinal));

        var job = server.Offer(JobVerb.EnsurePackage, [Of(library)]);
        var result = await ResultAsync(server, job);

        Assert.Equal(JobOutcome.Done, result.Outcome);
        Assert.Equal(library.Version, result.Changes.Single(change => change.Package == library.Package).To);
        var report = await ReportAfterAsync(server, job);
        Assert.DoesNotContain(report.State?.OutdatedProcesses ?? [], process => process.Command == "suture-agent");
        Assert.Equal(1, await UpgradesInLogAsync(library.Package));

        // the way back, and forth again
        var old = result.Changes.Single(change => change.Package == library.Package).From!;
        var hash = (await InsideAsync("sha256sum", $"/var/lib/suture-agent/kept/{library.Package}_{old.Replace(":", "%3a", StringComparison.Ordinal)}_{library.Architecture}.deb")).Split(' ')[0];
        var kept = Of(library) with { Version = old, MinimumVersion = old, Sha256 = hash };
        Assert.Equal("not-kept", (await ResultAsync(server, server.Offer(JobVerb.RestorePackage, [kept with { Sha256 = Given.Hash }]))).Reason);
        var back = await ResultAsync(server, server.Offer(JobVerb.RestorePackage, [kept]));
        Assert.Equal((JobOutcome.Done, old), (back.Outcome, back.Changes.Single().To));
        Assert.Equal(JobOutcome.Done, (await ResultAsync(server, server.Offer(JobVerb.EnsurePackage, [Of(library)]))).Outcome);
    }

    private static async Task KillWhileAptRunsAsync(LoopbackServer server, IReadOnlyList<AvailableUpdate> updates)
    {
        var python = updates.First(update => update.Package.StartsWith("python3.", StringComparison.Ordinal) && !update.Package.Contains('-', StringComparison.Ordinal));

        var job = server.Offer(JobVerb.EnsurePackage, [Of(python)]);
        var unit = $"suture-{job.JobId:N}-install.service";
        await UntilAsync("apt at work", async () => (await InsideAsync("systemctl", "show", "--property=ActiveState", "--value", unit)).Trim() == "active");
        await InsideAsync("systemctl", "kill", "--kill-who=main", "--signal=KILL", "suture-agent.service");
        var result = await ResultAsync(server, job);

        Assert.Equal(JobOutcome.Done, result.Outcome);
        Assert.Equal(1, await UpgradesInLogAsync(python.Package));
        await ReportAfterAsync(server, job);
        Assert.Single(server.Results, taken => taken.JobId == job.JobId);
        Assert.Equal("", (await InsideAsync("dpkg", "--audit")).Trim());
    }

    private static async Task RestartAsync(LoopbackServer server)
    {
        var before = await InsideAsync("systemctl", "show", "--property=InvocationID", "nginx.service");

        var result = await ResultAsync(server, server.Offer(JobVerb.RestartService, units: ["nginx.service", "not-here.service", "init.scope", "suture-agent.service"]));

        Assert.Equal(JobOutcome.Done, result.Outcome);
        Assert.NotEqual(before, await InsideAsync("systemctl", "show", "--property=InvocationID", "nginx.service"));
        Assert.Equal("not-running", (await ResultAsync(server, server.Offer(JobVerb.RestartService, units: ["not-here.service"]))).Reason);
    }

    private static async Task RefusalsAsync(LoopbackServer server, IReadOnlyList<AvailableUpdate> updates)
    {
        var curl = Of(updates.First(update => update.Package.StartsWith("libexpat", StringComparison.Ordinal)));

        Assert.Equal("hash-mismatch", (await ResultAsync(server, server.Offer(JobVerb.EnsurePackage, [curl with { Sha256 = Given.Hash }]))).Reason);
        Assert.Equal("version-not-available", (await ResultAsync(server, server.Offer(JobVerb.EnsurePackage, [curl with { Version = curl.Version + "+x9", MinimumVersion = curl.Version }]))).Reason);
        Assert.Equal("not-installed", (await ResultAsync(server, server.Offer(JobVerb.EnsurePackage, [curl with { Name = "emacs-gtk" }]))).Reason);
        await InsideAsync("apt-mark", "hold", curl.Name);
        Assert.Equal("held", (await ResultAsync(server, server.Offer(JobVerb.EnsurePackage, [curl]))).Reason);
        await InsideAsync("apt-mark", "unhold", curl.Name);
        Assert.Equal(0, await UpgradesInLogAsync(curl.Name));
    }

    private static async Task RebootAsync(LoopbackServer server)
    {
        var boot = server.Reports.Last().BootId;

        var job = server.Offer(JobVerb.Reboot);
        var result = await ResultAsync(server, job);

        Assert.Equal(JobOutcome.Done, result.Outcome);
        Assert.NotEqual(boot, (await ReportAfterAsync(server, job)).BootId);
    }

    private static async Task InstallAsync(LoopbackServer server)
    {
        await InsideAsync("apt-get", "update", "-qq");
        await InsideAsync("bash", "-c", "rm -f /var/log/dpkg.log; systemctl stop suture-agent; rm -rf /var/lib/suture-agent; sed -i 's/listen 80/listen 18080/; s/\\[::\\]:80/[::]:18080/' /etc/nginx/sites-enabled/default; systemctl restart nginx");
        var root = Path.Combine(Environment.GetEnvironmentVariable("SUTURE_ENDPOINTS") ?? "/var/lib/suture-endpoints", Endpoint1!);
        File.Copy(Path.Combine(TestPaths.Repository, "out/agent/suture-agent"), Path.Combine(root, "root/suture-agent"), overwrite: true);
        Assert.Contains("Joined", await InsideAsync(
            "/root/suture-agent", "join", "--server", server.Url, "--ca-fingerprint", server.Fingerprint, "--token", LoopbackServer.Token), StringComparison.Ordinal);
    }

    private static JobPackage Of(AvailableUpdate update) => new()
    {
        Name = update.Package, Architecture = update.Architecture, Version = update.Version, MinimumVersion = update.Version, Sha256 = update.Sha256,
    };

    private static async Task<JobResult> ResultAsync(LoopbackServer server, JobPayload job)
    {
        await UntilAsync($"the result of {job.Verb}", () => server.Results.Any(result => result.JobId == job.JobId));
        var result = server.Results.First(result => result.JobId == job.JobId);
        TestContext.Current.SendDiagnosticMessage($"{job.Verb}: {result.Outcome} {result.Reason} {result.Detail} {(result.EndedUtc - result.StartedUtc).TotalSeconds:0.0} s");
        TestContext.Current.TestOutputHelper!.WriteLine($"{job.Verb}: {result.Outcome} {result.Reason} {result.Detail} {(result.EndedUtc - result.StartedUtc).TotalSeconds:0.0} s {string.Join(", ", result.Changes)}");
        return result;
    }

    private static async Task<AssetReport> ReportAfterAsync(LoopbackServer server, JobPayload job)
    {
        await UntilAsync($"the report after {job.Verb}", () => server.Reports.Any(report => report.AfterJob == job.JobId));
        return server.Reports.First(report => report.AfterJob == job.JobId);
    }

    private static async Task<int> UpgradesInLogAsync(string package) =>
        (await InsideAsync("cat", "/var/log/dpkg.log")).Split('\n').Count(line => line.Contains($" upgrade {package}:", StringComparison.Ordinal));

    private static async Task<string> InsideAsync(params string[] command)
    {
        var info = new ProcessStartInfo(Tool) { RedirectStandardOutput = true };
        foreach (var word in (string[])["run", Endpoint1!, .. command])
        {
            info.ArgumentList.Add(word);
        }
        using var process = Process.Start(info)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }

    private static Task UntilAsync(string what, Func<bool> condition) => UntilAsync(what, () => Task.FromResult(condition()));

    private static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, $"No {what} within {Patience.TotalMinutes} minutes.");
            await timer.WaitForNextTickAsync();
        }
    }
}
