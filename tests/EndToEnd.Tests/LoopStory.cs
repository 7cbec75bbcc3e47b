using System.Text.Json.Serialization.Metadata;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>The product's main job on real machines: found, ranked, planned, approved, patched by real apt, verified in effect.</summary>
[Collection("endpoints, one at a time")]
public sealed class LoopStory
{
    private static readonly TimeSpan Minutes = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task Staging_SecuritySuiteAppears_IsPatchedByItselfAndVerified()
    {
        Endpoint.Require();
        await using var server = await ServerProcess.StartAsync();
        await using var endpoint = await Endpoint.BootAsync("e2e-staging");
        var asset = await JoinAsync(server, endpoint, "staging");
        await WaitForReportAsync(server, asset);

        await endpoint.SecureAsync();

        await Wait.UntilAsync("staging is patched and every finding verified", Minutes, async () =>
        {
            var plans = await PlansAsync(server);
            return plans.Count > 0 && plans.All(plan => plan.State == PlanState.Verified) && (await OpenAsync(server, asset)).Count == 0;
        }, () => DescribeAsync(server, asset));
        var episodes = await server.GetAsync($"episodes?asset={asset}&open=false", ContractsJson.Default.PageEpisodeRow);
        Assert.NotEmpty(episodes.Items);
        Assert.All(episodes.Items, episode => Assert.Equal("fixed_in_effect", episode.ClosedReason));
        Assert.All(episodes.Items, episode => Assert.NotNull(episode.VerifiedUtc));
        Assert.Equal("", (await endpoint.RunAsync("sh", "-c", "apt-get -s upgrade | grep '^Inst' | grep -i security || true")).Trim());
        Assert.All(await PlansAsync(server), plan => Assert.Equal("policy", plan.Author));
    }

    [Fact]
    public async Task Production_SecuritySuiteAppears_WaitsForAPersonThenIsVerified()
    {
        Endpoint.Require();
        await using var server = await ServerProcess.StartAsync();
        await using var endpoint = await Endpoint.BootAsync("e2e-production");
        var asset = await JoinAsync(server, endpoint, "production");
        await WaitForReportAsync(server, asset);
        await endpoint.SecureAsync();
        var waiting = await WaitingPlanAsync(server, asset);
        var before = await endpoint.RunAsync("sh", "-c", "grep -c ' upgrade ' /var/log/dpkg.log 2>/dev/null || echo 0");

        await ApproveAsync(server, waiting);

        await Wait.UntilAsync("the plan has ended", Minutes, async () =>
            (await PlanAsync(server, waiting)).State is PlanState.Verified or PlanState.EndedUnverified, () => DescribeAsync(server, asset));
        Assert.Equal("0", before.Trim().Split('\n')[^1]);
        var detail = await server.GetAsync($"plans/{waiting.Id}", ContractsJson.Default.PlanDetail);
        Assert.All(detail.Jobs, job => Assert.NotNull(job.EvidenceReport));
        foreach (var package in detail.Changes.SelectMany(change => change.Packages))
        {
            Assert.Equal(package.Version, await endpoint.VersionAsync(package.Name));
        }
        // What only a reboot brings into effect is a person's to ask for in production: the default policy never reboots there.
        var boot = await endpoint.RunAsync("systemctl", "show", "-p", "UserspaceTimestampMonotonic", "--value");
        await FinishByRebootAsync(server, asset);
        Assert.NotEqual(boot, await endpoint.RunAsync("systemctl", "show", "-p", "UserspaceTimestampMonotonic", "--value"));
        Assert.Equal(PlanState.Verified, (await PlanAsync(server, waiting)).State);
        var episodes = await server.GetAsync($"episodes?asset={asset}&open=false", ContractsJson.Default.PageEpisodeRow);
        Assert.All(episodes.Items, episode => Assert.Equal("fixed_in_effect", episode.ClosedReason));
    }

    /// <summary>Asks for what is left, approves it, and waits until nothing is open.</summary>
    private static async Task FinishByRebootAsync(ServerProcess server, Guid asset)
    {
        await Wait.UntilAsync("what was left is asked for, approved and verified after the reboot", Minutes, async () =>
        {
            foreach (var fix in (await AllAsync(server, "fixes", ContractsJson.Default.PageFixRow)).Where(fix => fix.Turn == "person" && fix.Plan is null))
            {
                using var asked = await server.Api.PostAsync("plans", System.Net.Http.Json.JsonContent.Create(new PlanRequest { Fix = fix.Key }, ContractsJson.Default.PlanRequest));
            }
            await ApproveWaitingAsync(server);
            return (await OpenAsync(server, asset)).Count == 0;
        }, () => DescribeAsync(server, asset));
        await Wait.UntilAsync("every plan is verified", TimeSpan.FromSeconds(30), async () =>
            (await PlansAsync(server)).All(plan => plan.State is PlanState.Verified or PlanState.Superseded), () => DescribeAsync(server, asset));
    }

    /// <summary>The first plan that waits for a person.</summary>
    internal static async Task<PlanRow> WaitingPlanAsync(ServerProcess server, Guid asset)
    {
        PlanRow? waiting = null;
        await Wait.UntilAsync("a plan waits for approval", Minutes, async () =>
        {
            waiting = (await PlansAsync(server)).FirstOrDefault(plan => plan.State == PlanState.WaitingApproval);
            return waiting is not null;
        }, () => DescribeAsync(server, asset));
        return waiting!;
    }

    internal static async Task<PlanRow> PlanAsync(ServerProcess server, PlanRow plan) => (await PlansAsync(server)).Single(row => row.Id == plan.Id);

    internal static async Task<Guid> JoinAsync(ServerProcess server, Endpoint endpoint, string environment)
    {
        var agent = Path.Combine(TestPaths.Repository, "out", "agent", "suture-agent");
        endpoint.CopyIn(agent, "/usr/local/bin/suture-agent");
        var known = (await AssetsAsync(server)).Select(row => row.Id).ToHashSet();
        await endpoint.RunAsync(["/usr/local/bin/suture-agent", .. await server.JoinArgumentsAsync(environment)]);
        return (await AssetsAsync(server)).Single(row => !known.Contains(row.Id)).Id;
    }

    internal static Task WaitForReportAsync(ServerProcess server, Guid asset) =>
        Wait.UntilAsync("the first report", TimeSpan.FromSeconds(60), async () => (await AssetsAsync(server)).Single(row => row.Id == asset).LastReportUtc is not null,
            () => Task.FromResult(server.Log));

    internal static Task<PlanDetail> ApproveAsync(ServerProcess server, PlanRow plan) => server.PostAsync(
        $"plans/{plan.Id}/approve", new PlanDecisionRequest { Hash = plan.Hash }, ContractsJson.Default.PlanDecisionRequest, ContractsJson.Default.PlanDetail);

    /// <summary>Approves every plan that waits. One that new facts have just replaced is refused, rightly; its successor is met the next time.</summary>
    internal static async Task ApproveWaitingAsync(ServerProcess server)
    {
        foreach (var plan in (await PlansAsync(server)).Where(plan => plan.State == PlanState.WaitingApproval))
        {
            using var response = await server.Api.PostAsync(
                $"plans/{plan.Id}/approve", System.Net.Http.Json.JsonContent.Create(new PlanDecisionRequest { Hash = plan.Hash }, ContractsJson.Default.PlanDecisionRequest));
            Assert.True(response.StatusCode is System.Net.HttpStatusCode.OK or System.Net.HttpStatusCode.Conflict, await response.Content.ReadAsStringAsync());
        }
    }

    internal static Task<IReadOnlyList<PlanRow>> PlansAsync(ServerProcess server) => AllAsync(server, "plans", ContractsJson.Default.PagePlanRow);

    internal static Task<IReadOnlyList<AssetRow>> AssetsAsync(ServerProcess server) => AllAsync(server, "assets", ContractsJson.Default.PageAssetRow);

    /// <summary>Findings of an asset that are not closed.</summary>
    internal static Task<IReadOnlyList<Finding>> OpenAsync(ServerProcess server, Guid asset) =>
        AllAsync(server, $"findings?asset={asset}", ContractsJson.Default.PageFinding);

    internal static async Task<IReadOnlyList<T>> AllAsync<T>(ServerProcess server, string path, JsonTypeInfo<Page<T>> type)
    {
        var items = new List<T>();
        string? after = null;
        do
        {
            var next = after is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}after={Uri.EscapeDataString(after)}";
            var page = await server.GetAsync(next, type);
            items.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);
        return items;
    }

    internal static async Task<string> DescribeAsync(ServerProcess server, Guid asset)
    {
        var plans = await PlansAsync(server);
        var jobs = await AllAsync(server, "jobs", ContractsJson.Default.PageJobRow);
        var open = await OpenAsync(server, asset);
        return string.Join('\n',
            [
                .. plans.Select(plan => $"plan {plan.Id} {plan.State} {plan.Title}: {plan.Reason}"),
                .. jobs.Select(job => $"job {job.Title} {job.State} {job.Result?.Outcome} {job.Result?.Reason} {job.Result?.Detail} | {job.Evidence}"),
                $"{open.Count} open findings",
                .. open.Take(10).Select(finding => $"{finding.Vulnerability} {finding.Package} {finding.Status} {finding.Action}"),
                server.Log.Length > 6000 ? server.Log[^6000..] : server.Log,
            ]);
    }
}
