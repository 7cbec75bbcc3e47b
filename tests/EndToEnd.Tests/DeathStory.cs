using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.EndToEnd.Tests;

/// <summary>The programs die at each of their durable steps, once before it and once after it, and are started again: nothing is lost and nothing is done twice. The steps are found by
/// counting them; a run in which the program lives to the end is behind the last. Hours: <c>./suture bench deaths</c>.</summary>
[Collection("endpoints, one at a time")]
public sealed class DeathStory
{
    // One package that nothing runs: the story is about the steps, not about what follows from old code.
    private const string Package = "tzdata";
    private const string Vulnerability = "CVE-2099-10001";

    private const string Policy =
        """
        version: 1
        name: deaths
        rules:
          - name: known exploited in production
            when: {environment: [production], kev: true}
            then: {treatment: patch, approval: person, window: null, restart: services, reboot: never}
        """;

    [Fact(Explicit = true)]
    public Task Agent_DeadAtEachDurableStep_LosesNothingAndDoesNothingTwice() => EachAsync(isServer: false);

    [Fact(Explicit = true)]
    public Task Server_DeadAtEachDurableStep_LosesNothingAndDoesNothingTwice() => EachAsync(isServer: true);

    /// <summary>Each how many steps; <c>SUTURE_DEATHS_EVERY</c>, else all.</summary>
    private static int Every =>
        int.TryParse(Environment.GetEnvironmentVariable("SUTURE_DEATHS_EVERY"), NumberStyles.None, CultureInfo.InvariantCulture, out var every) && every > 0 ? every : 1;

    private static async Task EachAsync(bool isServer)
    {
        Endpoint.Require();
        var faults = new List<string>();
        foreach (var isAfter in (bool[])[false, true])
        {
            var step = 1;
            for (; await LiveAsync(new Death(step, isAfter), isServer, faults); step += Every)
            {
            }
            Say($"{(isServer ? "server" : "agent")}, {(isAfter ? "after" : "before")}: the last of the steps is below {step}");
        }
        Assert.Empty(faults);
    }

    /// <returns>False when the program lived to the end: there is no such step.</returns>
    private static async Task<bool> LiveAsync(Death death, bool isServer, List<string> faults)
    {
        using var folder = new TemporaryFolder();
        await using var endpoint = await Endpoint.BootAsync("e2e-death");
        var points = isServer ? new DeathPoints(folder.Path, folder.Path) : new DeathPoints(Path.Combine(endpoint.Root, "var/lib/suture-agent/deaths"), "/var/lib/suture-agent/deaths");
        await using var server = isServer
            ? await ServerProcess.StartMortalAsync(data => points.EnvironmentAsync("suture-server", data, death), () => points.HasStruck, "--offline")
            : await ServerProcess.StartAsync("--offline");
        await endpoint.SecureAsync();
        var (old, offered) = await VersionsAsync(endpoint);
        await FeedAsync(server, folder.Path, offered);
        var asset = await Story.JoinAsync(server, endpoint, "production");
        await Story.WaitForReportAsync(server, asset);
        if (!isServer)
        {
            await HauntAsync(endpoint, await points.EnvironmentAsync("suture-agent", "/var/lib/suture-agent", death));
        }

        points.Go();
        await endpoint.RunAsync("systemctl", "restart", "suture-agent.service"); // it reports anew
        Guid? approved = null;
        await Wait.UntilAsync("the plan is verified", Story.Turn, async () =>
        {
            var plans = await Story.PlansAsync(server);
            foreach (var plan in plans.Where(plan => plan.State == PlanState.WaitingApproval))
            {
                await Story.ApproveWaitingAsync(server); // a person whose page shows an error looks again
                approved = plan.Id;
            }
            return plans.Any(plan => plan.State == PlanState.Verified);
        }, () => Story.DescribeAsync(server, asset));
        await CheckAsync(death, server, endpoint, approved, old, offered, faults);
        Say($"{(isServer ? "server" : "agent")}, {death}: {(points.HasStruck ? points.Steps[^1] : "lived")}, {points.Steps.Count} steps");
        return points.HasStruck;
    }

    private static async Task CheckAsync(Death death, ServerProcess server, Endpoint endpoint, Guid? approved, string old, string offered, List<string> faults)
    {
        var log = await endpoint.RunAsync("cat", "/var/log/dpkg.log");
        Expect(Regex.Count(log, $@" upgrade {Package}:\S+ {Regex.Escape(old)} {Regex.Escape(offered)}\n"), 1, "upgrades of the package in dpkg's log");
        Expect(Regex.Count(log, " upgrade "), 1, "upgrades in dpkg's log");
        var plans = await Story.PlansAsync(server);
        Expect(plans.Count, 1, "plans");
        var ledger = await Story.AllAsync(server, "ledger", ContractsJson.Default.PageLedgerRow);
        foreach (var action in (string[])["plan.made", "plan.approved", "plan.verified", "job.made", "job.taken", "job.result"])
        {
            Expect(ledger.Count(row => row.Action == action), 1, $"rows {action} in the ledger");
        }
        var jobs = (await server.GetAsync($"plans/{plans[0].Id}", ContractsJson.Default.PlanDetail)).Jobs;
        Expect(jobs.Count(job => job.State == JobState.Verified), 1, "verified jobs");
        Expect(jobs.Count, 1, "jobs");
        Expect(approved == plans[0].Id ? 1 : 0, 1, "approvals by the test of the plan that is there");
        var asset = Assert.Single(await Story.AssetsAsync(server));
        Expect(asset.State == AssetState.Active ? 1 : 0, 1, "assets in use");
        await Wait.UntilAsync("the ledger is sealed", TimeSpan.FromSeconds(60), async () => (await server.RunCliAsync("ledger", "verify")).Code == 0);

        void Expect(int seen, int wanted, string what)
        {
            if (seen != wanted)
            {
                faults.Add($"{death}: {seen} {what}, wanted {wanted}");
            }
        }
    }

    private static async Task<(string Old, string Offered)> VersionsAsync(Endpoint endpoint)
    {
        var policy = await endpoint.RunAsync("apt-cache", "policy", Package);
        return (await endpoint.VersionAsync(Package), Regex.Match(policy, @"Candidate: (\S+)").Groups[1].Value);
    }

    private static async Task FeedAsync(ServerProcess server, string folder, string fixedVersion)
    {
        var feeds = Directory.CreateDirectory(Path.Combine(folder, "feeds")).FullName;
        await File.WriteAllTextAsync(Path.Combine(feeds, "DSA_list.txt"), $"[01 Aug 2026] DSA-90001-1 {Package} - security update\n\t{{{Vulnerability}}}\n\t[bookworm] - {Package} {fixedVersion}\n");
        await File.WriteAllTextAsync(
            Path.Combine(feeds, "known_exploited_vulnerabilities.json"),
            $$"""
            {"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.08.02", "dateReleased": "2026-08-02T12:00:00.0000Z", "count": 1, "vulnerabilities": [
              {"cveID": "{{Vulnerability}}", "vendorProject": "Test", "product": "{{Package}}", "vulnerabilityName": "Test", "dateAdded": "2026-08-02", "shortDescription": "Test",
               "requiredAction": "Update", "dueDate": "2026-08-23", "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": []}]}
            """);
        await server.PostAsync("feeds/import", new FeedImportRequest { Directory = feeds }, ContractsJson.Default.FeedImportRequest, ContractsJson.Default.PageFeedRow);
        using var applied = await server.Api.PutAsync("policy", JsonContent.Create(new PolicyDocument { Yaml = Policy }, ContractsJson.Default.PolicyDocument));
        Assert.True(applied.IsSuccessStatusCode, await applied.Content.ReadAsStringAsync());
    }

    private static async Task HauntAsync(Endpoint endpoint, IReadOnlyDictionary<string, string> environment)
    {
        endpoint.Write("/etc/systemd/system/suture-agent.service.d/deaths.conf", $"[Service]\nRestartSec=0\n{string.Concat(environment.Select(pair => $"Environment={pair.Key}={pair.Value}\n"))}");
        await endpoint.RunAsync("systemctl", "daemon-reload");
    }

    private static void Say(string line) => Console.Error.WriteLine($"deaths: {line}");

    private sealed class TemporaryFolder : IDisposable
    {
        internal string Path { get; } = Directory.CreateTempSubdirectory("suture-deaths-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
