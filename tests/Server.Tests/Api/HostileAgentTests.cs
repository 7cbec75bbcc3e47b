using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Suture.Bench.Hostile;
using Suture.Bench.Loop;
using Suture.Contracts;
using Suture.Contracts.Jobs;
using Suture.Server.Tests.Inventory;
using Suture.Tests;

namespace Suture.Server.Tests.Api;

/// <summary>Every hostile message of <c>bench hostile</c>, once, against the whole server: each is refused for what it is, and nothing of another changes.</summary>
public sealed class HostileAgentTests(StoreFixture stores)
{
    // One of 118 MB is refused for its length as the one of 10 MB is.
    private const int BytesMax = 32 * 1024 * 1024;

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task EachMessage_IsRefusedForWhatItIs_AndAnothersDataStays(string engine)
    {
        await using var server = await WholeServer.StartAsync(stores, engine);
        using var admin = await server.SignInFirstAsync();
        var (other, otherCertificate) = await server.EnrolAsync(admin, "default");
        using var stored = await PostAsync(server.AgentClient(otherCertificate), new RawRequest
        {
            Route = "report", Body = HostileBodies.Json(HostileBodies.Report("other", "boot-of-other", 1, Small, TimeProvider.System.GetUtcNow())),
        });
        Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
        var otherJob = await AskForReportAsync(admin, other);
        var before = await SnapshotAsync(server, other);
        var faults = new List<string>();
        var judged = 0;

        foreach (var attack in Attacks.All)
        {
            var (asset, certificate) = await server.EnrolAsync(admin, "default");
            var client = server.AgentClient(certificate);
            var context = new HostileContext
            {
                Joined = new Joined(asset, certificate, certificate), Name = "hostile", Others = [other], OtherBoot = "boot-of-other", OtherJob = otherJob,
                OwnJob = attack.HasJobs ? await TakeJobAsync(admin, client, asset) : Guid.Empty, Facts = Small, SmallFacts = Small, NowUtc = TimeProvider.System.GetUtcNow(),
            };
            foreach (var message in attack.Messages(context).Where(message => message.Request.Body.Length <= BytesMax))
            {
                using var answer = await PostAsync(client, message.Request);
                var raw = new RawAnswer
                {
                    Status = (int)answer.StatusCode, ContentType = answer.Content.Headers.ContentType?.ToString(), RetryAfter = answer.Headers.RetryAfter?.ToString(),
                    Body = await answer.Content.ReadAsByteArrayAsync(), IsLast = false,
                };
                judged++;
                var fault = raw.Status == 429 ? $"{message.Name}: was not looked at: {System.Text.Encoding.UTF8.GetString(raw.Body)}" : JudgeAnswer.Fault(message, raw, TimeSpan.Zero);
                faults.AddRange(fault is null ? [] : [$"{attack.Name}: {fault}"]);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.InRange(judged, 130, 1_000);
        Assert.Equal(before, await SnapshotAsync(server, other));
    }

    private static ReportContent Small { get; } = ReportContent.Of([], Given.State());

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, RawRequest request)
    {
        HttpContent content = request.IsChunked ? new StreamContent(new MemoryStream(request.Body)) : new ByteArrayContent(request.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (request.Encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", request.Encoding);
        }
        return await client.PostAsync(request.Route, content);
    }

    private static async Task<Guid> AskForReportAsync(HttpClient admin, Guid asset)
    {
        using var asked = await admin.PostAsync(new Uri($"assets/{asset}/report-now", UriKind.Relative), null);
        return (await asked.Content.ReadFromJsonAsync(ContractsJson.Default.JobRow))!.Id;
    }

    private static async Task<Guid> TakeJobAsync(HttpClient admin, HttpClient agent, Guid asset)
    {
        var job = await AskForReportAsync(admin, asset);
        using var polled = await agent.PostAsJsonAsync("poll", new PollRequest { BootId = "boot-1", LastSequence = 0, WaitSeconds = 0 }, ContractsJson.Default.PollRequest);
        Assert.Single((await polled.Content.ReadFromJsonAsync(ContractsJson.Default.PollResponse))!.Jobs);
        return job;
    }

    private static Task<string> SnapshotAsync(WholeServer server, Guid asset) => server.Store.ReadAsync(
        async session =>
        {
            var rows = new List<string>();
            foreach (var sql in (string[])
            [
                "select name, environment, state, version, boot_id, sequence, software_digest, state_digest, full_wanted from inventory_asset where id = @asset",
                "select state, version, result, evidence, leased_boot, leased_until_us from remediation_job where asset_id = @asset",
                "select serial, not_after_us, revoked_us from inventory_certificate where asset_id = @asset order by serial",
                "select count(*) from inventory_report where asset_id = @asset",
            ])
            {
                rows.AddRange((await session.QueryAsync<dynamic>(sql, new { asset })).Select(row => string.Join(", ", ((IDictionary<string, object?>)row).Values)));
            }
            return string.Join('\n', rows);
        },
        CancellationToken.None);
}
