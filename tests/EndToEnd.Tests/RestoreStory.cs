using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.EndToEnd.Tests;

/// <summary>The server's machine is lost in the middle of the work; a backup of before starts elsewhere.</summary>
[Collection("endpoints, one at a time")]
public sealed class RestoreStory
{
    [Fact]
    public async Task BackupFromBeforeTheJobWasDone_StartedElsewhere_HasTheSameLedgerAndDoesNotRunTheJobAgain()
    {
        Endpoint.Require();
        await using var server = await ServerProcess.StartAsync("--offline");
        await using var endpoint = await Endpoint.BootAsync("e2e-restore");
        await endpoint.SecureAsync();
        var (old, offered) = await OnePackage.VersionsAsync(endpoint);
        var feeds = Directory.CreateTempSubdirectory("suture-restore-").FullName;
        await OnePackage.FeedAsync(server, feeds, offered);
        var asset = await Story.JoinAsync(server, endpoint, "production");
        await Story.WaitForReportAsync(server, asset);
        var plan = await Story.WaitingPlanAsync(server, asset);
        await endpoint.RunAsync("systemctl", "stop", "suture-agent.service");
        await Story.ApproveAsync(server, plan);
        await Wait.UntilAsync("the job is signed and the ledger sealed", Story.Turn, async () =>
            (await server.GetAsync($"plans/{plan.Id}", ContractsJson.Default.PlanDetail)).Jobs.Count == 1 && (await server.RunCliAsync("ledger", "verify")).Code == 0);

        var before = await Story.AllAsync(server, "ledger/chain", ContractsJson.Default.PageSealedRow);
        var backup = await server.BackupAsync();
        await endpoint.RunAsync("systemctl", "start", "suture-agent.service");
        await Wait.UntilAsync("the plan is verified", Story.Turn, async () => (await Story.PlanAsync(server, plan)).State == PlanState.Verified, () => Story.DescribeAsync(server, asset));
        await endpoint.RunAsync("systemctl", "stop", "suture-agent.service");
        await server.KillAsync();
        await server.RestoreAsync(backup);
        await server.LaunchAsync();

        var after = await Story.AllAsync(server, "ledger/chain", ContractsJson.Default.PageSealedRow);
        Assert.Equal(before.Select(row => row.Hash), after.Take(before.Count).Select(row => row.Hash));
        await endpoint.RunAsync("systemctl", "start", "suture-agent.service");
        await Wait.UntilAsync("the plan is verified once more", Story.Turn, async () => (await Story.PlanAsync(server, plan)).State == PlanState.Verified, () => Story.DescribeAsync(server, asset));
        Assert.Equal((1, 1), await OnePackage.UpgradesAsync(endpoint, old, offered));
        Directory.Delete(feeds, recursive: true);
    }
}
