using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.EndToEnd.Tests;

/// <summary>Outside production the shipped policy closes what is critical or unrated by itself.</summary>
public sealed class StagingStory
{
    [Fact]
    public async Task Staging_SecuritySuiteAppears_IsPatchedByItselfAndVerified()
    {
        Endpoint.Require();
        await using var server = await ServerProcess.StartAsync();
        await using var endpoint = await Endpoint.BootAsync("e2e-staging");
        var asset = await Story.JoinAsync(server, endpoint, "staging");
        await Story.WaitForReportAsync(server, asset);

        await endpoint.SecureAsync();

        await Wait.UntilAsync("staging is patched and every finding verified", Story.Turn, async () =>
        {
            var plans = await Story.PlansAsync(server);
            return plans.Count > 0 && plans.All(plan => plan.State == PlanState.Verified) && (await Story.OpenAsync(server, asset)).Count == 0;
        }, () => Story.DescribeAsync(server, asset));
        var episodes = await server.GetAsync($"episodes?asset={asset}&open=false", ContractsJson.Default.PageEpisodeRow);
        Assert.NotEmpty(episodes.Items);
        Assert.All(episodes.Items, episode => Assert.Equal("fixed_in_effect", episode.ClosedReason));
        Assert.All(episodes.Items, episode => Assert.NotNull(episode.VerifiedUtc));
        Assert.Equal("", (await endpoint.RunAsync("sh", "-c", "apt-get -s upgrade | grep '^Inst' | grep -i security || true")).Trim());
        Assert.All(await Story.PlansAsync(server), plan => Assert.Equal("policy", plan.Author));
    }
}
