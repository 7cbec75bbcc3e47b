using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.EndToEnd.Tests;

/// <summary>In production a person decides, with a key of their own that the endpoint demands: found, ranked, planned, signed, patched by real apt, verified in effect.</summary>
public sealed class ProductionStory
{
    [Fact]
    public async Task Production_SecuritySuiteAppears_WaitsForAPersonThenIsVerified()
    {
        Endpoint.Require();
        await using var server = await ServerProcess.StartAsync();
        var key = await DemandSignatureAsync(server);
        await using var endpoint = await Endpoint.BootAsync("e2e-production");
        var asset = await Story.JoinAsync(server, endpoint, "production");
        Assert.Contains("changes need 1 signatures of approvers", await endpoint.RunAsync("/usr/local/bin/suture-agent", "status"), StringComparison.Ordinal);
        await Story.WaitForReportAsync(server, asset);
        await endpoint.SecureAsync();
        var waiting = await Story.WaitingPlanAsync(server, asset);
        var before = await endpoint.RunAsync("sh", "-c", "grep -c ' upgrade ' /var/log/dpkg.log 2>/dev/null || echo 0");

        var (refused, _, why) = await server.RunCliAsync("plan", "approve", $"{waiting.Id}");
        Assert.True(refused == 1 || refused == 3, why);
        Assert.Contains("0 of 1 signatures", why, StringComparison.Ordinal);
        var (code, output, errors) = await server.RunCliAsync("plan", "approve", $"{waiting.Id}", "--key", key);
        Assert.True(code == 0, output + errors);

        await Wait.UntilAsync("the plan has ended", Story.Turn, async () =>
            (await Story.PlanAsync(server, waiting)).State is PlanState.Verified or PlanState.EndedUnverified, () => Story.DescribeAsync(server, asset));
        Assert.Equal("0", before.Trim().Split('\n')[^1]);
        var detail = await server.GetAsync($"plans/{waiting.Id}", ContractsJson.Default.PlanDetail);
        Assert.All(detail.Jobs, job => Assert.NotNull(job.EvidenceReport));
        foreach (var package in detail.Changes.SelectMany(change => change.Packages))
        {
            Assert.Equal(package.Version, await endpoint.VersionAsync(package.Name));
        }
        // What only a reboot brings into effect is a person's to ask for in production: the default policy never reboots there.
        var boot = await endpoint.RunAsync("systemctl", "show", "-p", "UserspaceTimestampMonotonic", "--value");
        await FinishByRebootAsync(server, asset, key);
        Assert.NotEqual(boot, await endpoint.RunAsync("systemctl", "show", "-p", "UserspaceTimestampMonotonic", "--value"));
        Assert.Equal(PlanState.Verified, (await Story.PlanAsync(server, waiting)).State);
        var episodes = await server.GetAsync($"episodes?asset={asset}&open=false", ContractsJson.Default.PageEpisodeRow);
        Assert.All(episodes.Items, episode => Assert.Equal("fixed_in_effect", episode.ClosedReason));
        await VerifyLedgerAsync(server, endpoint);
    }

    /// <summary>Makes an approver's key and has the agents of the group demand its signature.</summary>
    /// <returns>File of the key.</returns>
    private static async Task<string> DemandSignatureAsync(ServerProcess server)
    {
        var (key, set) = (Path.Combine(server.Folder, "approver.key"), Path.Combine(server.Folder, "approvers.json"));
        var me = await server.GetAsync("auth/me", ContractsJson.Default.UserRow);
        foreach (var line in (string[][])[["approvers", "key", key], ["approvers", "draft", "default", "--needed", "1", "--approver", $"{me.Name}={key}.pub", "--out", set], ["approvers", "apply", set]])
        {
            var (code, output, errors) = await server.RunCliAsync(line);
            Assert.True(code == 0, output + errors);
        }
        return key;
    }

    /// <summary>The ledger of all that is whole, also by what the endpoint kept; and no longer once somebody has been at the store.</summary>
    private static async Task VerifyLedgerAsync(ServerProcess server, Endpoint endpoint)
    {
        LedgerCheckpoints? sealedSoFar = null;
        await Wait.UntilAsync("the ledger is sealed and signed", TimeSpan.FromMinutes(1), async () =>
        {
            sealedSoFar = await server.GetAsync("ledger/checkpoints", ContractsJson.Default.LedgerCheckpoints);
            return sealedSoFar is { Unsealed: 0, Checkpoints.Count: > 1 };
        });
        var kept = Path.Combine(server.Folder, "kept.jsonl");
        await File.WriteAllTextAsync(kept, await endpoint.RunAsync("/usr/local/bin/suture-agent", "checkpoints"));
        Assert.Contains("\"signature\"", await File.ReadAllTextAsync(kept), StringComparison.Ordinal);
        var (code, output, _) = await server.RunCliAsync("ledger", "verify", "--checkpoints", kept);
        Assert.True(code == 0, output);
        Assert.Contains("The ledger is whole", output, StringComparison.Ordinal);

        await Command.RunAsync(
            "/usr/bin/python3",
            ["-c", "import sqlite3, sys; store = sqlite3.connect(sys.argv[1], timeout=30); store.execute(\"update platform_ledger set actor = 'user:somebody' where action = 'plan.approved'\"); store.commit()",
            Path.Combine(server.Folder, "suture.db")]);
        (code, output, _) = await server.RunCliAsync("ledger", "verify", "--checkpoints", kept);
        Assert.True(code == 1, output);
        Assert.Contains("'plan.approved'", output, StringComparison.Ordinal);
    }

    /// <summary>Asks for what is left, approves it, and waits until nothing is open.</summary>
    private static async Task FinishByRebootAsync(ServerProcess server, Guid asset, string key)
    {
        await Wait.UntilAsync("what was left is asked for, approved and verified after the reboot", Story.Turn, async () =>
        {
            foreach (var fix in (await Story.AllAsync(server, "fixes", ContractsJson.Default.PageFixRow)).Where(fix => fix.Turn == "person" && fix.Plan is null))
            {
                using var asked = await server.Api.PostAsync("plans", System.Net.Http.Json.JsonContent.Create(new PlanRequest { Fix = fix.Key }, ContractsJson.Default.PlanRequest));
            }
            await Story.ApproveWaitingAsync(server, key);
            return (await Story.OpenAsync(server, asset)).Count == 0;
        }, () => Story.DescribeAsync(server, asset));
        await Wait.UntilAsync("every plan is verified", TimeSpan.FromSeconds(30), async () =>
            (await Story.PlansAsync(server)).All(plan => plan.State is PlanState.Verified or PlanState.Superseded), () => Story.DescribeAsync(server, asset));
    }
}
