using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>The loop on an older release: hundreds of findings from the lists and the archive, patched by themselves, verified in effect.</summary>
public sealed class BullseyeStory
{
    [Fact]
    public async Task Staging_HundredsOfFindings_AreTheTruthThenPatchedAndVerified()
    {
        Endpoint.Require();
        TestPaths.RequireData();
        var lists = Oracle.ListsOnly();
        try
        {
            await using var server = await ServerProcess.StartAsync("--feeds", lists);
            await using var endpoint = await Endpoint.BootAsync("e2e-bullseye", "bullseye");
            await EffectStory.StartTlsServiceAsync(endpoint);
            var truth = await Oracle.PairsAsync(endpoint.Root, "bullseye");
            var asset = await Story.JoinAsync(server, endpoint, "staging");
            await Story.WaitForReportAsync(server, asset);
            IReadOnlyList<Finding> open = [];
            await Wait.UntilAsync("the first findings", Story.Turn, async () => (open = await Story.OpenAsync(server, asset)).Count > 0);
            Assert.Equal(truth.Order(), Oracle.PairsOf(open).Order());

            await endpoint.SecureAsync();

            await Wait.UntilAsync("everything is patched and verified", Story.Turn, async () =>
            {
                var plans = await Story.PlansAsync(server);
                open = await Story.OpenAsync(server, asset);
                return plans.Count > 0 && plans.All(plan => plan.State is PlanState.Verified or PlanState.Superseded) && open.Count == 0;
            }, () => Story.DescribeAsync(server, asset));
            Assert.Empty(await Oracle.PairsAsync(endpoint.Root, "bullseye"));
            var episodes = await Story.AllAsync(server, $"episodes?asset={asset}&open=false", ContractsJson.Default.PageEpisodeRow);
            Assert.All(episodes, episode => Assert.Equal("fixed_in_effect", episode.ClosedReason));
            var jobs = await Story.AllAsync(server, "jobs", ContractsJson.Default.PageJobRow);
            // Old code of the C library and of systemd runs in every process: one reboot ends it, and no service is restarted for itself.
            Assert.Contains(JobVerb.Reboot, jobs.Where(job => job.State == JobState.Verified).Select(job => job.Verb));
            TestContext.Current.TestOutputHelper!.WriteLine($"{truth.Count} pairs of the lists, {episodes.Count} episodes closed in effect, {jobs.Count} jobs");
        }
        finally
        {
            Directory.Delete(lists, recursive: true);
        }
    }
}
