using System.Globalization;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.EndToEnd.Tests;

/// <summary>The programs die at each of their durable steps, once before it and once after it, and are started again: nothing is lost and nothing is done twice. The steps are found by
/// counting them; a run in which the program lives to the end is behind the last. Hours: <c>./suture bench deaths</c>.</summary>
[Collection("endpoints, one at a time")]
public sealed class DeathStory
{
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
        var (old, offered) = await OnePackage.VersionsAsync(endpoint);
        await OnePackage.FeedAsync(server, folder.Path, offered);
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
        var found = await CheckAsync(death, server, endpoint, approved, old, offered);
        faults.AddRange(found);
        Say($"{(isServer ? "server" : "agent")}, {death}: {(points.HasStruck ? points.Steps[^1] : $"lived for {points.Steps.Count} steps")}; {(found.Count == 0 ? "everything once" : string.Join("; ", found))}");
        return points.HasStruck;
    }

    private static async Task<IReadOnlyList<string>> CheckAsync(Death death, ServerProcess server, Endpoint endpoint, Guid? approved, string old, string offered)
    {
        var faults = new List<string>();
        var (upgrades, all) = await OnePackage.UpgradesAsync(endpoint, old, offered);
        Expect(upgrades, 1, "upgrades of the package in dpkg's log");
        Expect(all, 1, "upgrades in dpkg's log");
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
        return faults;

        void Expect(int seen, int wanted, string what)
        {
            if (seen != wanted)
            {
                faults.Add($"{death}: {seen} {what}, wanted {wanted}");
            }
        }
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
