using System.Text.Json.Serialization.Metadata;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>What every story does: join, look, approve.</summary>
internal static class Story
{
    /// <summary>Longest wait for one turn of the loop on a loaded machine.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromMinutes(8);

    /// <summary>The first plan that waits for a person.</summary>
    public static async Task<PlanRow> WaitingPlanAsync(ServerProcess server, Guid asset)
    {
        PlanRow? waiting = null;
        await Wait.UntilAsync("a plan waits for approval", Turn, async () =>
        {
            waiting = (await PlansAsync(server)).FirstOrDefault(plan => plan.State == PlanState.WaitingApproval);
            return waiting is not null;
        }, () => DescribeAsync(server, asset));
        return waiting!;
    }

    public static async Task<PlanRow> PlanAsync(ServerProcess server, PlanRow plan) => (await PlansAsync(server)).Single(row => row.Id == plan.Id);

    public static async Task<Guid> JoinAsync(ServerProcess server, Endpoint endpoint, string environment)
    {
        var agent = Path.Combine(TestPaths.Repository, "out", "agent", "suture-agent");
        endpoint.CopyIn(agent, "/usr/local/bin/suture-agent");
        var known = (await AssetsAsync(server)).Select(row => row.Id).ToHashSet();
        await endpoint.RunAsync(["/usr/local/bin/suture-agent", .. await server.JoinArgumentsAsync(environment)]);
        return (await AssetsAsync(server)).Single(row => !known.Contains(row.Id)).Id;
    }

    public static Task WaitForReportAsync(ServerProcess server, Guid asset) =>
        Wait.UntilAsync("the first report", TimeSpan.FromSeconds(60), async () => (await AssetsAsync(server)).Single(row => row.Id == asset).LastReportUtc is not null,
            () => Task.FromResult(server.Log));

    public static Task<PlanDetail> ApproveAsync(ServerProcess server, PlanRow plan) => server.PostAsync(
        $"plans/{plan.Id}/approve", new PlanDecisionRequest { Hash = plan.Hash }, ContractsJson.Default.PlanDecisionRequest, ContractsJson.Default.PlanDetail);

    /// <summary>Approves every plan that waits. One that new facts have just replaced is refused, rightly; its successor is met the next time.</summary>
    /// <param name="server">Server.</param>
    /// <param name="key">File of the approver's signing key where agents demand signatures; null where they do not.</param>
    public static async Task ApproveWaitingAsync(ServerProcess server, string? key = null)
    {
        foreach (var plan in (await PlansAsync(server)).Where(plan => plan.State == PlanState.WaitingApproval))
        {
            if (key is not null)
            {
                await server.RunCliAsync("plan", "approve", $"{plan.Id}", "--key", key);
                continue;
            }
            using var response = await server.Api.PostAsync(
                $"plans/{plan.Id}/approve", System.Net.Http.Json.JsonContent.Create(new PlanDecisionRequest { Hash = plan.Hash }, ContractsJson.Default.PlanDecisionRequest));
            Assert.True(response.StatusCode is System.Net.HttpStatusCode.OK or System.Net.HttpStatusCode.Conflict, await response.Content.ReadAsStringAsync());
        }
    }

    public static Task<IReadOnlyList<PlanRow>> PlansAsync(ServerProcess server) => AllAsync(server, "plans", ContractsJson.Default.PagePlanRow);

    public static Task<IReadOnlyList<AssetRow>> AssetsAsync(ServerProcess server) => AllAsync(server, "assets", ContractsJson.Default.PageAssetRow);

    /// <summary>Findings of an asset that are not closed.</summary>
    public static Task<IReadOnlyList<Finding>> OpenAsync(ServerProcess server, Guid asset) =>
        AllAsync(server, $"findings?asset={asset}", ContractsJson.Default.PageFinding);

    public static async Task<IReadOnlyList<T>> AllAsync<T>(ServerProcess server, string path, JsonTypeInfo<Page<T>> type)
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

    public static async Task<string> DescribeAsync(ServerProcess server, Guid asset)
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
