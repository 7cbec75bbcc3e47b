using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.EndToEnd.Tests;

/// <summary>The smallest real plan: one package that nothing runs, with one vulnerability that is known to be exploited. A person approves it.</summary>
internal static class OnePackage
{
    internal const string Name = "tzdata";

    private const string Vulnerability = "CVE-2099-10001";

    private const string Policy =
        """
        version: 1
        name: one package
        rules:
          - name: known exploited in production
            when: {environment: [production], kev: true}
            then: {treatment: patch, approval: person, window: null, restart: services, reboot: never}
        """;

    /// <summary>The version that is installed, and the one that the endpoint's indexes offer.</summary>
    internal static async Task<(string Old, string Offered)> VersionsAsync(Endpoint endpoint)
    {
        var policy = await endpoint.RunAsync("apt-cache", "policy", Name);
        return (await endpoint.VersionAsync(Name), Regex.Match(policy, @"Candidate: (\S+)").Groups[1].Value);
    }

    /// <summary>Brings the advisory and the policy into force.</summary>
    internal static async Task FeedAsync(ServerProcess server, string folder, string fixedVersion)
    {
        var feeds = Directory.CreateDirectory(Path.Combine(folder, "feeds")).FullName;
        await File.WriteAllTextAsync(Path.Combine(feeds, "DSA_list.txt"), $"[01 Aug 2026] DSA-90001-1 {Name} - security update\n\t{{{Vulnerability}}}\n\t[bookworm] - {Name} {fixedVersion}\n");
        await File.WriteAllTextAsync(
            Path.Combine(feeds, "known_exploited_vulnerabilities.json"),
            $$"""
            {"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.08.02", "dateReleased": "2026-08-02T12:00:00.0000Z", "count": 1, "vulnerabilities": [
              {"cveID": "{{Vulnerability}}", "vendorProject": "Test", "product": "{{Name}}", "vulnerabilityName": "Test", "dateAdded": "2026-08-02", "shortDescription": "Test",
               "requiredAction": "Update", "dueDate": "2026-08-23", "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": []}]}
            """);
        await server.PostAsync("feeds/import", new FeedImportRequest { Directory = feeds }, ContractsJson.Default.FeedImportRequest, ContractsJson.Default.PageFeedRow);
        using var applied = await server.Api.PutAsync("policy", JsonContent.Create(new PolicyDocument { Yaml = Policy }, ContractsJson.Default.PolicyDocument));
        Assert.True(applied.IsSuccessStatusCode, await applied.Content.ReadAsStringAsync());
    }

    /// <summary>How often dpkg's log has the upgrade of the package, and any.</summary>
    internal static async Task<(int OfIt, int All)> UpgradesAsync(Endpoint endpoint, string old, string offered)
    {
        var log = await endpoint.RunAsync("cat", "/var/log/dpkg.log");
        return (Regex.Count(log, $@" upgrade {Name}:\S+ {Regex.Escape(old)} {Regex.Escape(offered)}\n"), Regex.Count(log, " upgrade "));
    }
}
