using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Suture.Agent.Reports;
using Suture.Agent.State;
using Suture.Agent.Transport;
using Suture.Contracts.Approvals;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Commands;

/// <summary>What the operator gave to <c>join</c>.</summary>
internal sealed record JoinOrder
{
    /// <summary>The agents' port, <c>https://host:port</c>.</summary>
    public required string Server { get; init; }

    /// <summary>Fingerprint of the server's certificate authority, hex.</summary>
    public required string AuthorityFingerprint { get; init; }

    /// <summary>One-use token.</summary>
    public required string Token { get; init; }

    /// <summary>Digest of the set of approvers that the server must hand out, 64 lower-case hex digits; null takes what it hands out.</summary>
    public string? ApproversDigest { get; init; }

    /// <summary>True: this endpoint refuses every verb but <c>report-now</c>.</summary>
    public required bool IsObservedOnly { get; init; }

    /// <summary>State directory.</summary>
    public required string State { get; init; }

    /// <summary>False leaves systemd alone.</summary>
    public required bool InstallService { get; init; }
}

/// <summary>Makes this machine an endpoint of a server: pins it, makes a key, gets a certificate, installs the service.</summary>
internal static class JoinCommand
{
    private const int TokenLengthMax = 1_024;

    /// <summary>Joins.</summary>
    /// <param name="order">What the operator gave.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Exit code.</returns>
    public static async Task<int> RunAsync(JoinOrder order, TimeProvider time, CancellationToken cancellation)
    {
        if (FaultOf(order) is { } fault)
        {
            return Terminal.End(ExitCode.Usage, fault);
        }
        var state = new StateDirectory(order.State);
        if (state.ReadConfig() is { } joined)
        {
            return Terminal.End(ExitCode.Refused, $"This machine has already joined {joined.ServerUrl} as asset {joined.AssetId}. To join anew, stop the agent and remove {state.Root}.");
        }
        var server = new Uri(order.Server);
        var (authority, detail) = await PinServer.FetchAsync(server, ServerTrust.ParseFingerprint(order.AuthorityFingerprint)!, cancellation);
        if (authority is null)
        {
            return Terminal.End(ExitCode.Refused, detail);
        }
        state.Create();
        return await EnrollAsync(order, state, server, authority, time, cancellation);
    }

    private static async Task<int> EnrollAsync(
        JoinOrder order, StateDirectory state, Uri server, X509Certificate2 authority, TimeProvider time, CancellationToken cancellation)
    {
        var (key, request) = AgentIdentity.CreateRequest();
        var pinned = authority.ExportCertificatePem();
        using var client = new AgentClient(server, authority, identity: null);
        var reply = await client.EnrollAsync(
            new EnrollRequest
            {
                Token = order.Token, CertificateRequest = request, HostName = Environment.MachineName, AgentVersion = AgentVersion.Text,
                ObservedOnly = order.IsObservedOnly,
            },
            cancellation);
        if (!reply.IsAnswered)
        {
            return Terminal.End(reply.Outcome is ReplyOutcome.Denied or ReplyOutcome.Rejected ? ExitCode.Refused : ExitCode.Failure, $"Joining failed: {reply.Detail}");
        }
        var answer = reply.Value!;
        if (FaultOf(answer) is { } fault)
        {
            return Terminal.End(ExitCode.Failure, fault);
        }
        var approvers = new ApproverKeeper(state);
        if (WhyNotTheseApprovers(order, answer, approvers) is { } refused)
        {
            return Terminal.End(ExitCode.Refused, $"{refused} This machine has not joined; retire asset {answer.AssetId} on the server.");
        }
        state.WriteIdentity(AgentIdentity.Join(key, answer.Certificate));
        var address = await ChooseAddressAsync(state, answer, server, pinned, cancellation);
        if (address is null)
        {
            return Terminal.End(ExitCode.Failure, $"The server took this machine on, but refuses its certificate at {server} and {answer.AgentUrl}; see the server's log.");
        }
        state.WriteConfig(new AgentConfig
        {
            Schema = 1, ServerUrl = address, AssetId = answer.AssetId, ObservedOnly = order.IsObservedOnly, CertificateAuthority = pinned,
            JobSigningKeys = answer.JobSigningKeys,
        });
        Terminal.Say($"Joined {address} as asset {answer.AssetId}{(order.IsObservedOnly ? ", observed only: every change will be refused" : "")}.");
        if (approvers.Set is { } demanded)
        {
            Terminal.Say($"Changes need the signatures of {demanded.Needed} of {string.Join(", ", demanded.Keys.Select(key => key.Holder).Distinct())}; digest of the set {approvers.Digest}. Compare it with theirs.");
        }
        return order.InstallService ? await ServiceInstaller.InstallAsync(state, cancellation) : ExitCode.Done;
    }

    private static string? WhyNotTheseApprovers(JoinOrder order, EnrollResponse answer, ApproverKeeper approvers)
    {
        if (order.ApproversDigest is { } wanted && (answer.Approvers?.ReadDocument() is not { } document || Convert.ToHexStringLower(SignedApproverSet.Challenge(document)) != wanted))
        {
            return $"The server hands out {(answer.Approvers is null ? "no set of approvers" : "another set of approvers")}, wanted the one of the digest {wanted}.";
        }
        return answer.Approvers is { } set ? approvers.Take([set]) : null;
    }

    /// <summary>The address to keep: the server's own word for it when that works from here, else the one the operator typed. Proven by a first poll.</summary>
    private static async Task<string?> ChooseAddressAsync(StateDirectory state, EnrollResponse answer, Uri typed, string authority, CancellationToken cancellation)
    {
        var told = Uri.TryCreate(answer.AgentUrl, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps ? url : typed;
        var boot = new LocalMachineReader(state: null, TimeProvider.System).Read().BootId;
        foreach (var address in new[] { told, typed }.Distinct())
        {
            using var client = new AgentClient(address, X509Certificate2.CreateFromPem(authority), AgentIdentity.FromPem(state.ReadIdentity()!));
            var reply = await client.PollAsync(new PollRequest { BootId = boot, LastSequence = 0, WaitSeconds = 0 }, cancellation);
            if (reply.IsAnswered)
            {
                return address.GetLeftPart(UriPartial.Authority);
            }
            Terminal.Complain($"{address}: {reply.Detail}");
        }
        return null;
    }

    private static string? FaultOf(JoinOrder order) => order switch
    {
        _ when !Uri.TryCreate(order.Server, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps || url.PathAndQuery != "/" =>
            $"--server '{order.Server}' is no address of the form https://HOST:PORT.",
        _ when ServerTrust.ParseFingerprint(order.AuthorityFingerprint) is null =>
            $"--ca-fingerprint '{order.AuthorityFingerprint}' is not 64 hex digits (SHA-256 of the certificate authority); the server prints it with the token.",
        _ when order.Token.Length is 0 or > TokenLengthMax || order.Token.Any(char.IsWhiteSpace) => "--token is no enrolment token; the server prints one for each machine.",
        _ when order.ApproversDigest is { } digest && !Jobs.ArgumentGrammar.IsSha256(digest) => $"--approvers '{digest}' is not 64 lower-case hex digits; 'suture approvers show GROUP' prints the digest.",
        _ when !ServiceInstaller.IsPlainPath(order.State) => $"--state '{order.State}' is no absolute path of letters, digits, '/', '.', '-' and '_'.",
        _ when order.InstallService && !Platforms.Linux.Native.IsRoot() => "Only root can install the service; with --no-service nothing is installed.",
        _ => null,
    };

    private static string? FaultOf(EnrollResponse answer)
    {
        if (answer.JobSigningKeys.Count == 0)
        {
            return "The server sent no key that may sign jobs; an agent without one could obey nobody.";
        }
        foreach (var (id, text) in answer.JobSigningKeys)
        {
            try
            {
                using var key = ECDsa.Create();
                key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(text), out _);
            }
            catch (Exception exception) when (exception is CryptographicException or FormatException or PlatformNotSupportedException)
            {
                return $"The server's job signing key '{id}' is no public key: {exception.Message}";
            }
        }
        return null;
    }
}
