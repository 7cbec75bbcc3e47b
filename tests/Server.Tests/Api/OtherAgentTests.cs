using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using CsCheck;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Contracts.Ledger;
using Suture.Server.Tests.Inventory;
using Suture.Tests;

namespace Suture.Server.Tests.Api;

/// <summary>An agent with a valid certificate against another agent's data: whatever it sends, the other's stays as it is and none of it comes back.</summary>
public sealed class OtherAgentTests(StoreFixture stores)
{
    private const int Messages = 400;

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task WhateverAnAgentSends_AnothersDataIsNeitherChangedNorTold(string engine)
    {
        await using var server = await WholeServer.StartAsync(stores, engine);
        using var admin = await server.SignInFirstAsync();
        using var made = await admin.PostAsJsonAsync("groups", new GroupRequest { Name = "theirs" }, ContractsJson.Default.GroupRequest);
        var (own, ownCertificate) = await server.EnrolAsync(admin, "default");
        var (other, otherCertificate) = await server.EnrolAsync(admin, "theirs");
        var (agent, victim) = (server.AgentClient(ownCertificate), server.AgentClient(otherCertificate));
        await SendAsync(victim, "report", Report(1, "boot-of-the-other", null), ContractsJson.Default.AssetReport);
        using var asked = await admin.PostAsync(new Uri($"assets/{other}/report-now", UriKind.Relative), null);
        var job = (await asked.Content.ReadFromJsonAsync(ContractsJson.Default.JobRow))!.Id;
        var (_, offered) = await SendAsync(victim, "poll", Poll("boot-of-the-other", []), ContractsJson.Default.PollRequest);
        Assert.Contains("\"payload\"", offered, StringComparison.Ordinal);
        var before = await SnapshotAsync(server, other);
        string[] secrets = [other.ToString(), other.ToString("N"), job.ToString(), job.ToString("N"), "of-theirs", "boot-of-the-other"];

        // One boot and rising numbers: an agent that contradicts itself is quarantined, and then everything of it is refused at the door.
        var sequence = 0L;
        var answered = new HashSet<(int Kind, HttpStatusCode Status)>();

        await Gen.Select(Gen.Int[0, 3], Gen.Int[1, 5], Gen.Bool).SampleAsync(
            async (kind, number, isName) =>
            {
                var (status, answer) = kind switch
                {
                    0 => await SendAsync(agent, "poll", Poll("boot-of-the-other", [job]), ContractsJson.Default.PollRequest),
                    1 => await SendAsync(agent, "result", Result(job, (JobOutcome)number), ContractsJson.Default.JobResult),
                    2 => await SendAsync(agent, "report", Report(++sequence, "boot-of-the-other", job, isName ? "of-theirs" : "own"), ContractsJson.Default.AssetReport),
                    _ => await SendAsync(agent, "renew", Renew(), ContractsJson.Default.RenewRequest),
                };
                answered.Add((kind, status));
                // The refusal of a job names the id that was sent; nothing else of the other may come back.
                return status == HttpStatusCode.NotFound || !secrets.Any(secret => answer.Contains(secret, StringComparison.OrdinalIgnoreCase));
            },
            iter: Messages, threads: 1);

        // They were looked at, not turned away at the door.
        Assert.Superset(new HashSet<(int, HttpStatusCode)> { (0, HttpStatusCode.OK), (1, HttpStatusCode.NotFound), (2, HttpStatusCode.OK), (3, HttpStatusCode.OK) }, answered);
        Assert.Equal(before, await SnapshotAsync(server, other));
        Assert.NotEqual(own, other);
        var (taken, _) = await SendAsync(victim, "result", Result(job, JobOutcome.Done), ContractsJson.Default.JobResult);
        Assert.Equal(HttpStatusCode.NoContent, taken);
    }

    private static PollRequest Poll(string boot, IReadOnlyList<Guid> working) => new()
    {
        BootId = boot, LastSequence = 1, WaitSeconds = 0, Working = working,
        Checkpoint = new Checkpoint { Position = 1, Hash = new string('a', 64), AtUtc = DateTimeOffset.UnixEpoch, KeyId = new string('b', 16), Signature = new string('c', 88) },
    };

    private static JobResult Result(Guid job, JobOutcome outcome) => new()
    {
        JobId = job, Outcome = outcome, StartedUtc = DateTimeOffset.UnixEpoch, EndedUtc = DateTimeOffset.UnixEpoch.AddHours(1),
        Changes = [new PackageChange { Package = "libssl3", From = "1", To = "2" }],
    };

    private static AssetReport Report(long sequence, string boot, Guid? afterJob, string host = "own")
    {
        IReadOnlyList<InstalledPackage> packages = [Given.Package("libssl3")];
        var state = Given.State();
        return new AssetReport
        {
            Schema = 1, BootId = boot, Sequence = sequence, TakenUtc = TimeProvider.System.GetUtcNow(), AgentVersion = "0.1.0", ObservedOnly = false, HostName = host,
            SoftwareDigest = ReportDigest.OfSoftware(packages), Software = packages, StateDigest = ReportDigest.OfState(state), State = state, Vitals = new MachineVitals { UptimeSeconds = 10 }, AfterJob = afterJob,
        };
    }

    private static RenewRequest Renew()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new RenewRequest { CertificateRequest = TestAgent.CsrOf(key) };
    }

    private static async Task<(HttpStatusCode Status, string Answer)> SendAsync<T>(HttpClient client, string route, T message, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        using var answer = await client.PostAsJsonAsync(route, message, type);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static Task<string> SnapshotAsync(WholeServer server, Guid asset) => server.Store.ReadAsync(
        async session =>
        {
            var rows = new List<string>();
            foreach (var sql in (string[])
            [
                "select name, environment, state, version, boot_id, sequence, software_digest, state_digest, approvers_digest, full_wanted from inventory_asset where id = @asset",
                "select state, version, result, evidence, leased_boot, leased_until_us from remediation_job where asset_id = @asset",
                "select serial, not_after_us, revoked_us from inventory_certificate where asset_id = @asset order by serial",
                "select action, actor, detail from platform_ledger where subject like @like or actor like @like order by sequence",
            ])
            {
                rows.AddRange((await session.QueryAsync<dynamic>(sql, new { asset, like = $"%{asset}%" }))
                    .Select(row => string.Join(", ", ((IDictionary<string, object?>)row).Values)));
            }
            Assert.True(rows.Count > 4 && rows.TrueForAll(row => row.Length > 0), string.Join('\n', rows));
            return string.Join('\n', rows);
        },
        CancellationToken.None);
}
