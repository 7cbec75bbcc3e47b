using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Suture.Contracts;
using Suture.Contracts.Inventory;
using Suture.Inventory;
using Suture.Inventory.Certificates;
using Suture.Tests;

namespace Suture.Server.Tests.Inventory;

/// <summary>One agent against the agents' port: what is beyond its share is refused, and nobody else notices.</summary>
public sealed class AgentLimitTests(StoreFixture stores)
{
    private static readonly IReadOnlyList<InstalledPackage> Software = Given.Software(Given.Package("curl"));

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Report_MoreOftenThanAnAgentMay_IsRefusedUnreadWithATimeAndOthersAreNot(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        var (greedy, other) = (await host.EnrollAsync(), await host.EnrollAsync(hostName: "web-2"));
        var full = greedy.Full(Software, Given.State());
        for (var request = 0; request < InventoryLimits.AgentRequestsBurst; request++)
        {
            await greedy.ReportAsync(full);
        }

        // A body that never comes: whoever waits for it has begun to read.
        using var refused = await greedy.Client.PostAsync("report", new NeverContent());
        var others = await other.ReportAsync(other.Full(Software, Given.State()));
        host.Clock.Advance(TimeSpan.FromSeconds(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds));
        var after = await greedy.ReportAsync(full);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.Contains("2 a second", (await refused.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!.Detail, StringComparison.Ordinal);
        Assert.Equal((ReportOutcome.Accepted, ReportOutcome.AlreadyStored), (others.Outcome, after.Outcome));
    }

    [Fact]
    public async Task Report_RenewedOrOnAnotherConnection_IsOfTheSameShare()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var renewed = await agent.RenewAsync(key);
        for (var request = 1; request < InventoryLimits.AgentRequestsBurst; request++)
        {
            using var poll = await agent.PollAsync();
        }

        agent.Use((await renewed.Content.ReadFromJsonAsync(ContractsJson.Default.RenewResponse))!.Certificate, key);
        using var refused = await agent.PollAsync();

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Fact]
    public async Task Report_OfARevokedAgent_CountsToo()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        using var admin = await host.SignInFirstAsync();
        var agent = await host.EnrollAsync();
        using var revoked = await admin.DeleteAsync($"assets/{agent.AssetId}/certificate");

        var statuses = new List<HttpStatusCode>();
        for (var request = 0; request <= InventoryLimits.AgentRequestsBurst; request++)
        {
            using var poll = await agent.PollAsync();
            statuses.Add(poll.StatusCode);
        }

        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.TooManyRequests], statuses.Distinct());
    }

    [Fact]
    public async Task Report_MoreAtOnceThanAnAgentMay_IsRefusedUntilOneEnds()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var open = Enumerable.Range(0, InventoryLimits.AgentRequestsAtOnce).Select(_ => new GateContent()).ToList();
        var sent = open.Select(content => agent.Client.PostAsync("report", content)).ToList();
        await Task.WhenAll(open.Select(content => content.Begun));

        HttpResponseMessage refused;
        do
        {
            // What was begun here may not have arrived there yet.
            refused = await agent.Client.PostAsync("report", JsonContent.Create(1));
        }
        while (refused.StatusCode == HttpStatusCode.BadRequest);
        open.ForEach(content => content.End());
        var ended = await Task.WhenAll(sent);
        using var after = await agent.Client.PostAsync("report", JsonContent.Create(1));

        Assert.Equal((HttpStatusCode.TooManyRequests, 1), (refused.StatusCode, (int)refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds));
        Assert.All(ended, answer => Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode));
        Assert.Equal(HttpStatusCode.BadRequest, after.StatusCode);
    }

    [Fact]
    public async Task Report_ASecondLargeOneAtOnce_IsRefused()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        var first = new GateContent(InventoryLimits.LargeWireBytes);
        var sent = agent.Client.PostAsync("report", first);
        await first.Begun;

        HttpResponseMessage second;
        do
        {
            second = await agent.SendRawAsync(new byte[InventoryLimits.LargeWireBytes], null);
        }
        while (second.StatusCode == HttpStatusCode.BadRequest);
        using var small = await agent.SendAsync(agent.Full(Software, Given.State()));
        first.End();
        using var firstAnswer = await sent;
        using var third = await agent.SendRawAsync(new byte[InventoryLimits.LargeWireBytes], null);

        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Contains("large message", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (small.StatusCode, firstAnswer.StatusCode, third.StatusCode));
    }

    [Fact]
    public async Task Report_ThatUnpacksToMoreThanItsShare_IsPaidBackFirst()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var agent = await host.EnrollAsync();
        // Spaces, within the ratio for a body that packs badly in its other half.
        var noise = Enumerable.Range(0, 4).Select(_ => $"\"{Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(40_000))}\"");
        var large = TestAgent.Gzip(System.Text.Encoding.UTF8.GetBytes($"{{\"x\":[{string.Join(',', noise)}]{new string(' ', 14_000_000)}}}"));

        var statuses = new List<HttpStatusCode>();
        for (var request = 0; request < 4; request++)
        {
            using var answer = await agent.SendRawAsync(large, "gzip");
            statuses.Add(answer.StatusCode);
        }
        host.Clock.Advance(TimeSpan.FromSeconds(60));
        using var after = await agent.SendRawAsync(large, "gzip");

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.TooManyRequests], statuses);
        Assert.Equal(HttpStatusCode.BadRequest, after.StatusCode);
    }

    [Fact]
    public async Task Connect_MoreThanAnAgentMay_IsToldSoAndThenClosedUnheard()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        var (agent, other) = (await host.EnrollAsync(), await host.EnrollAsync(hostName: "web-2"));
        var shares = host.Services.GetRequiredService<AgentShares>();
        using var allowed = await ConnectAsync(host, agent.Certificate!);
        var good = await AskAsync(allowed);
        // These stand for open ones.
        Enumerable.Range(1, InventoryLimits.AgentConnectionsMax).ToList().ForEach(_ => shares.Connect(agent.AssetId));

        using var surplus = await ConnectAsync(host, agent.Certificate!);
        var told = await AskAsync(surplus);
        Enumerable.Range(1, InventoryLimits.AgentConnectionsHardMax - InventoryLimits.AgentConnectionsMax).ToList().ForEach(_ => shares.Connect(agent.AssetId));
        using var unheard = await ConnectAsync(host, agent.Certificate!);
        var silence = await AskAsync(unheard);
        var stillGood = await AskAsync(allowed);
        var others = await other.ReportAsync(other.Full(Software, Given.State()));

        Assert.StartsWith("HTTP/1.1 200", good, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 429", told, StringComparison.Ordinal);
        Assert.Contains("8 connections", told, StringComparison.Ordinal);
        Assert.Contains("Connection: close", told, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("", silence);
        Assert.StartsWith("HTTP/1.1 200", stillGood, StringComparison.Ordinal);
        Assert.Equal(ReportOutcome.Accepted, others.Outcome);
    }

    private static async Task<SslStream> ConnectAsync(InventoryHost host, X509Certificate2 certificate)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, host.AgentUrl.Port);
        var stream = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost", LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate,
        });
        return stream;
    }

    /// <summary>The answer to a poll; empty when the connection was closed instead.</summary>
    private static async Task<string> AskAsync(SslStream stream)
    {
        try
        {
            await stream.WriteAsync("POST /agent/v1/poll HTTP/1.1\r\nHost: suture\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            var buffer = new byte[4096];
            return System.Text.Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer));
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>A body of which nothing ever comes.</summary>
    private sealed class NeverContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.FlushAsync();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken);
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }

        protected override bool TryComputeLength(out long length) => (length = 0) != 0;
    }

    /// <summary>A body whose first part comes at once and whose end comes when it is told to.</summary>
    private sealed class GateContent(int first = 1) : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public void End() => _end.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[first]);
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _end.Task;
        }

        protected override bool TryComputeLength(out long length) => (length = 0) != 0;
    }
}
