using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;

namespace Suture.EndToEnd.Tests;

/// <summary>Fixed on disk is not fixed: old code that still runs keeps findings open until the one action that ends it is done.</summary>
public sealed class EffectStory
{
    private const string Service = """
        [Unit]
        Description=A TLS service that maps libssl
        [Service]
        ExecStart=/usr/bin/python3 -c "import ssl, socket; ssl.create_default_context(); s = socket.create_server(('127.0.0.1', 0)); s.accept()"
        [Install]
        WantedBy=multi-user.target
        """;

    [Fact]
    public async Task LibsslUpgradedByHand_ServiceStillMapsIt_StaysPendingUntilTheRestartJobRan()
    {
        Endpoint.Require();
        await using var server = await ServerProcess.StartAsync();
        await using var endpoint = await Endpoint.BootAsync("e2e-effect");
        await StartTlsServiceAsync(endpoint);
        var asset = await Story.JoinAsync(server, endpoint, "production");
        await Story.WaitForReportAsync(server, asset);
        await endpoint.SecureAsync();
        await Wait.UntilAsync("findings of openssl", Story.Turn, async () => (await OpensslAsync(server, asset)).Any(finding => finding.Package == "libssl3"),
            () => Story.DescribeAsync(server, asset));
        var processBefore = await MainProcessAsync(endpoint);

        await endpoint.RunAsync("apt-get", "install", "-y", "-qq", "--only-upgrade", "libssl3");

        IReadOnlyList<Finding> pending = [];
        await Wait.UntilAsync("libssl3 is pending effect", Story.Turn, async () =>
        {
            pending = [.. (await OpensslAsync(server, asset)).Where(finding => finding.Package == "libssl3")];
            return pending.Count > 0 && pending.All(finding => finding.Status == FindingStatus.PendingEffect);
        }, () => Story.DescribeAsync(server, asset));
        Assert.Contains(pending[0].Processes, process => process.Unit == "tls-demo.service");
        Assert.Contains("tls-demo.service", pending[0].Action, StringComparison.Ordinal);

        await Wait.UntilAsync("everything of openssl is closed once its plans are approved", Story.Turn, async () =>
        {
            await Story.ApproveWaitingAsync(server);
            return (await OpensslAsync(server, asset)).Count == 0;
        }, () => Story.DescribeAsync(server, asset));
        // The report that closes the findings proves the job by work of its own, a moment later.
        await Wait.UntilAsync("the restart is verified", Story.Turn,
            async () => (await Story.AllAsync(server, "jobs", ContractsJson.Default.PageJobRow)).Any(job => job.Verb == JobVerb.RestartService && job.State == JobState.Verified),
            () => Story.DescribeAsync(server, asset));
        Assert.NotEqual(processBefore, await MainProcessAsync(endpoint));
    }

    /// <summary>Starts a python3 TLS service, <c>tls-demo.service</c>.</summary>
    internal static async Task StartTlsServiceAsync(Endpoint endpoint)
    {
        endpoint.Write("/etc/systemd/system/tls-demo.service", Service);
        await endpoint.RunAsync("systemctl", "enable", "--now", "tls-demo.service");
    }

    private static async Task<string> MainProcessAsync(Endpoint endpoint) =>
        (await endpoint.RunAsync("systemctl", "show", "-p", "MainPID", "--value", "tls-demo.service")).Trim();

    private static async Task<IReadOnlyList<Finding>> OpensslAsync(ServerProcess server, Guid asset) =>
        [.. (await Story.OpenAsync(server, asset)).Where(finding => finding.Source == "openssl")];
}
