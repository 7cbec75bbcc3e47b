using System.Text.RegularExpressions;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.EndToEnd.Tests;

/// <summary>A crash at the worst moment changes nothing twice and loses nothing.</summary>
[Collection("endpoints, one at a time")]
public sealed class CrashStory
{
    private static readonly TimeSpan Minutes = TimeSpan.FromMinutes(6);

    [Fact(Explicit = true)]
    public async Task AgentKilledWhileAptRuns_EachPackageIsUpgradedOnceAndTheJobsEndVerified()
    {
        Endpoint.Require();
        await using var server = await ServerProcess.StartAsync();
        await using var endpoint = await Endpoint.BootAsync("e2e-agentkill", "bookworm", "openssl,curl");
        var (asset, plan) = await WaitingPlanAsync(server, endpoint);
        // Inside the endpoint, so that the moment is not missed.
        var killed = endpoint.RunAsync(
            "sh", "-c",
            "until pgrep -x dpkg >/dev/null && grep -q ' upgrade ' /var/log/dpkg.log 2>/dev/null; do :; done; kill -9 $(systemctl show -p MainPID --value suture-agent.service)");

        await LoopStory.ApproveAsync(server, plan);
        await killed;

        await WaitVerifiedAsync(server, plan, asset);
        var log = await endpoint.RunAsync("cat", "/var/log/dpkg.log");
        var upgrades = Regex.Matches(log, @" upgrade (\S+) ").Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(upgrades);
        Assert.Equal(upgrades.Distinct(), upgrades);
    }

    [Fact(Explicit = true)]
    public async Task ServerKilledBetweenApprovalAndDispatch_NothingIsLost()
    {
        Endpoint.Require();
        await using var server = await ServerProcess.StartAsync();
        await using var endpoint = await Endpoint.BootAsync("e2e-serverkill", "bookworm", "openssl,curl");
        var (asset, plan) = await WaitingPlanAsync(server, endpoint);
        await endpoint.RunAsync("systemctl", "stop", "suture-agent.service");
        await LoopStory.ApproveAsync(server, plan);

        await server.KillAsync();
        await server.LaunchAsync();

        Assert.Equal(PlanState.Approved, (await LoopStory.PlansAsync(server)).Single(row => row.Id == plan.Id).State);
        await endpoint.RunAsync("systemctl", "start", "suture-agent.service");
        await WaitVerifiedAsync(server, plan, asset);
        var ledger = await LoopStory.AllAsync(server, $"ledger?subject=plan:{plan.Id}", ContractsJson.Default.PageLedgerRow);
        Assert.Single(ledger, row => row.Action == "plan.approved");
    }

    private static async Task<(Guid Asset, PlanRow Plan)> WaitingPlanAsync(ServerProcess server, Endpoint endpoint)
    {
        var asset = await LoopStory.JoinAsync(server, endpoint, "production");
        await LoopStory.WaitForReportAsync(server, asset);
        await endpoint.SecureAsync();
        PlanRow? waiting = null;
        await Wait.UntilAsync("a plan waits for approval", Minutes, async () =>
        {
            waiting = (await LoopStory.PlansAsync(server)).FirstOrDefault(plan => plan.State == PlanState.WaitingApproval);
            return waiting is not null;
        }, () => LoopStory.DescribeAsync(server, asset));
        return (asset, waiting!);
    }

    private static Task WaitVerifiedAsync(ServerProcess server, PlanRow plan, Guid asset) =>
        Wait.UntilAsync("the plan is verified, or only a reboot is left", Minutes, async () =>
            (await LoopStory.PlansAsync(server)).Single(row => row.Id == plan.Id) is var row
            && (row.State == PlanState.Verified || (row.State == PlanState.EndedUnverified && row.Reason!.Contains("reboot closes it", StringComparison.Ordinal))), () => LoopStory.DescribeAsync(server, asset));
}
