using System.Text.RegularExpressions;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.EndToEnd.Tests;

/// <summary>A crash at the worst moment changes nothing twice and loses nothing.</summary>
public sealed class CrashStory
{
    // dpkg itself says when it is in the middle of a change; a look from outside would miss the moment.
    private const string KillAgentOnce = """
        #!/bin/sh
        while read -r line; do
          case $line in *': unpacked'*) [ -e /var/tmp/agent-killed ] || {
            main=$(systemctl show -p MainPID --value suture-agent.service)
            kill -9 "$main" && echo "$main $line" > /var/tmp/agent-killed
          } ;; esac
        done
        """;

    [Fact]
    public async Task ServerKilledAfterApprovalThenAgentKilledWhileDpkgRuns_EachPackageIsUpgradedOnceAndThePlanEndsVerified()
    {
        Endpoint.Require();
        await using var server = await ServerProcess.StartAsync();
        await using var endpoint = await Endpoint.BootAsync("e2e-crash");
        endpoint.Write("/usr/local/bin/kill-agent-once", KillAgentOnce);
        await endpoint.RunAsync("chmod", "755", "/usr/local/bin/kill-agent-once");
        endpoint.Write("/etc/dpkg/dpkg.cfg.d/kill-agent-once", "status-logger=/usr/local/bin/kill-agent-once\n");
        var asset = await Story.JoinAsync(server, endpoint, "production");
        await Story.WaitForReportAsync(server, asset);
        await endpoint.SecureAsync();
        var plan = await Story.WaitingPlanAsync(server, asset);
        await endpoint.RunAsync("systemctl", "stop", "suture-agent.service");

        await Story.ApproveAsync(server, plan);
        await server.KillAsync();
        await server.LaunchAsync();
        Assert.Equal(PlanState.Approved, (await Story.PlanAsync(server, plan)).State);
        await endpoint.RunAsync("systemctl", "start", "suture-agent.service");

        await Wait.UntilAsync("the plan is verified, or only a reboot is left", Story.Turn, async () =>
            await Story.PlanAsync(server, plan) is var row
            && (row.State == PlanState.Verified || (row.State == PlanState.EndedUnverified && row.Reason!.Contains("reboot closes it", StringComparison.Ordinal))),
            () => Story.DescribeAsync(server, asset));
        Assert.Contains("unpacked", await endpoint.RunAsync("cat", "/var/tmp/agent-killed"), StringComparison.Ordinal);
        var log = await endpoint.RunAsync("cat", "/var/log/dpkg.log");
        var upgrades = Regex.Matches(log, @" upgrade (\S+) ").Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(upgrades);
        Assert.Equal(upgrades.Distinct(), upgrades);
        var jobs = (await server.GetAsync($"plans/{plan.Id}", ContractsJson.Default.PlanDetail)).Jobs;
        Assert.All(jobs, job => Assert.True(job.State is JobState.Verified or JobState.PendingEffect, $"{job.Title} is {job.State}: {job.Evidence}"));
        var ledger = await Story.AllAsync(server, $"ledger?subject=plan:{plan.Id}", ContractsJson.Default.PageLedgerRow);
        Assert.Single(ledger, row => row.Action == "plan.approved");
    }
}
