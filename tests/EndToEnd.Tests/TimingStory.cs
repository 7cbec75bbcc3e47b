using System.Diagnostics;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>How fast the loop turns on one real endpoint: a new KEV entry makes a plan without anybody's doing.</summary>
[Collection("endpoints, one at a time")]
public sealed class TimingStory
{
    [Fact(Explicit = true)]
    public async Task KevEntryImported_VulnerabilityOnProduction_PlanWaitsWithinAMinute()
    {
        Endpoint.Require();
        var data = TestPaths.RequireData();
        var feeds = Directory.CreateTempSubdirectory("suture-kev-").FullName;
        try
        {
            File.Copy(Path.Combine(data, "debian", "debian-advisories.jsonl.gz"), Path.Combine(feeds, "debian-advisories.jsonl.gz"));
            await using var server = await ServerProcess.StartAsync("--feeds", feeds);
            await using var endpoint = await Endpoint.BootAsync("e2e-kev", "bullseye");
            var asset = await LoopStory.JoinAsync(server, endpoint, "production");
            await LoopStory.WaitForReportAsync(server, asset);
            await endpoint.SecureAsync();
            var vulnerability = await NotYetPlannedAsync(server, asset);

            await File.WriteAllTextAsync(Path.Combine(feeds, "known_exploited_vulnerabilities.json"), Catalogue(vulnerability));
            var started = Stopwatch.GetTimestamp();
            await server.PostAsync(
                "feeds/import", new FeedImportRequest { Directory = feeds }, ContractsJson.Default.FeedImportRequest, ContractsJson.Default.PageFeedRow);

            await Wait.UntilAsync("a plan that closes the new KEV entry waits", TimeSpan.FromSeconds(60), async () =>
            {
                foreach (var plan in (await LoopStory.PlansAsync(server)).Where(plan => plan.State == PlanState.WaitingApproval))
                {
                    var detail = await server.GetAsync($"plans/{plan.Id}", ContractsJson.Default.PlanDetail);
                    if (detail.Changes.Any(change => change.Vulnerabilities.Contains(vulnerability)))
                    {
                        return true;
                    }
                }
                return false;
            }, () => LoopStory.DescribeAsync(server, asset));
            TestContext.Current.TestOutputHelper!.WriteLine($"KEV entry to waiting plan: {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
        }
        finally
        {
            Directory.Delete(feeds, recursive: true);
        }
    }

    /// <summary>A finding that no plan carries yet because nothing makes it critical.</summary>
    private static async Task<string> NotYetPlannedAsync(ServerProcess server, Guid asset)
    {
        string? vulnerability = null;
        await Wait.UntilAsync("a finding without a plan", TimeSpan.FromMinutes(2), async () =>
        {
            var planned = new HashSet<string>();
            foreach (var plan in await LoopStory.PlansAsync(server))
            {
                var detail = await server.GetAsync($"plans/{plan.Id}", ContractsJson.Default.PlanDetail);
                planned.UnionWith(detail.Changes.Select(change => change.Fix));
            }
            var fixes = await LoopStory.AllAsync(server, "fixes", ContractsJson.Default.PageFixRow);
            vulnerability = fixes.Where(fix => fix.PatchReady == true && !planned.Contains(fix.Key)).SelectMany(fix => fix.Vulnerabilities).FirstOrDefault();
            return vulnerability is not null;
        }, () => LoopStory.DescribeAsync(server, asset));
        return vulnerability!;
    }

    private static string Catalogue(string vulnerability) => JsonSerializer.Serialize(new
    {
        title = "CISA Catalog of Known Exploited Vulnerabilities",
        catalogVersion = "2026.11.23",
        dateReleased = "2026-11-23T12:00:00.0000Z",
        count = 1,
        vulnerabilities = new[]
        {
            new
            {
                cveID = vulnerability, vendorProject = "Debian", product = "test", vulnerabilityName = "A vulnerability that is exploited now", dateAdded = "2026-11-23",
                shortDescription = "For the test of the event path.", requiredAction = "Apply updates.", dueDate = "2026-11-26", knownRansomwareCampaignUse = "Unknown",
                notes = "", cwes = Array.Empty<string>(),
            },
        },
    });
}
