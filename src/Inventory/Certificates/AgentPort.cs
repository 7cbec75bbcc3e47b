using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Suture.Contracts;
using Suture.Inventory.Certificates;

namespace Suture.Inventory;

/// <summary>The agents' own port: TLS with a certificate of <see cref="AgentAuthority"/>, HTTP/1.1 and HTTP/2, client certificates of that authority only.</summary>
/// <remarks>A certificate of another authority, of another use or too old ends the handshake. None at all is let through the handshake, for enrolment;
/// every other agent route refuses it (<see cref="AgentRoutes.RequireAgent"/>). .NET leaves a root out of the chain it sends, so an agent that enrols fetches the
/// authority from <see cref="AgentPaths.CertificateAuthority"/> and compares it with the fingerprint it pins, before it sends anything.</remarks>
public sealed partial class AgentPort : IDisposable
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    private readonly AgentAuthority _authority;
    private readonly AgentShares _shares;
    private readonly AddressGate _gate;
    private readonly TimeProvider _time;
    private readonly ILogger<AgentPort> _logger;
    private readonly Lock _renewal = new();
    private ServerCertificate? _server;

    internal AgentPort(AgentAuthority authority, AgentShares shares, TimeProvider time, ILogger<AgentPort> logger)
    {
        _authority = authority;
        _shares = shares;
        _gate = new AddressGate(time);
        _time = time;
        _logger = logger;
    }

    private sealed record ServerCertificate(SslStreamCertificateContext Context, DateTimeOffset RenewUtc);

    /// <summary>Makes a listening address the agents' port.</summary>
    /// <param name="listen">The address, as in <c>kestrel.ListenAnyIP(7781, agentPort.Configure)</c>.</param>
    public void Configure(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        // In this order: before the handshake by address, after it by certificate.
        listen.Use(next => connection => ByAddressAsync(connection, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = HandshakeTimeout, OnConnection = OnConnection });
        listen.Use(next => connection => ByAgentAsync(connection, next));
    }

    /// <inheritdoc/>
    public void Dispose() => _server?.Context.TargetCertificate.Dispose();

    private async Task ByAddressAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (_gate.Enter(AddressOf(connection)) is not { } wait)
        {
            connection.Abort();
            return;
        }
        try
        {
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _time, connection.ConnectionClosed);
            }
            await next(connection);
        }
        catch (OperationCanceledException) when (connection.ConnectionClosed.IsCancellationRequested)
        {
            // Whoever waited has gone.
        }
        finally
        {
            _gate.Leave();
        }
    }

    private Task ByAgentAsync(ConnectionContext connection, ConnectionDelegate next) =>
        connection.Features.Get<AgentConnection>() is { Certificate: { } shown } agent ? NamedAsync(connection, agent, shown, next) : UnnamedAsync(connection, next);

    private async Task NamedAsync(ConnectionContext connection, AgentConnection agent, ShownCertificate shown, ConnectionDelegate next)
    {
        (var share, var connections) = _shares.Connect(shown.AssetId);
        try
        {
            if (connections > InventoryLimits.AgentConnectionsHardMax)
            {
                connection.Abort();
                return;
            }
            agent.Share = share;
            agent.IsSurplus = connections > InventoryLimits.AgentConnectionsMax;
            await next(connection);
        }
        finally
        {
            share.Disconnect();
        }
    }

    private async Task UnnamedAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = AddressOf(connection);
        if (!_gate.TryEnterUnnamed(address))
        {
            connection.Abort();
            return;
        }
        try
        {
            await next(connection);
        }
        finally
        {
            _gate.LeaveUnnamed(address);
        }
    }

    private static IPAddress? AddressOf(ConnectionContext connection) => (connection.RemoteEndPoint as IPEndPoint)?.Address;

    private ValueTask<SslServerAuthenticationOptions> OnConnection(TlsHandshakeCallbackContext handshake)
    {
        var now = _time.GetUtcNow();
        var connection = new AgentConnection();
        handshake.Connection.Features.Set(connection);
        return ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = Server(now),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            // Asked for, not required: the callback decides about none.
            ClientCertificateRequired = true,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = ClientPolicy(now),
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => Check(connection, certificate as X509Certificate2, errors, now),
        });
    }

    // Only our authority counts: no system roots, no downloads. Times are checked by hand, for an expired certificate may still renew.
    private X509ChainPolicy ClientPolicy(DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid,
            VerificationTime = now.UtcDateTime,
            VerificationTimeIgnored = false,
        };
        policy.CustomTrustStore.Add(_authority.PublicCertificate);
        policy.ApplicationPolicy.Add(new Oid(Certificate.ClientAuthentication));
        return policy;
    }

    private bool Check(AgentConnection connection, X509Certificate2? certificate, SslPolicyErrors errors, DateTimeOffset now)
    {
        if (certificate is null)
        {
            return true;
        }
        var shown = errors == SslPolicyErrors.None ? ShownCertificate.Read(certificate) : null;
        if (shown is null)
        {
            LogForeign(certificate.SerialNumber, errors);
            return false;
        }
        if (now < shown.NotBeforeUtc || now >= shown.NotAfterUtc + Certificate.RenewalGrace)
        {
            LogOutOfTime(shown.AssetId, shown.Serial, shown.NotAfterUtc);
            return false;
        }
        connection.Certificate = shown;
        return true;
    }

    private SslStreamCertificateContext Server(DateTimeOffset now)
    {
        lock (_renewal)
        {
            // The one it replaces is not disposed: handshakes may be using it.
            if (_server is null || now >= _server.RenewUtc)
            {
                var context = SslStreamCertificateContext.Create(_authority.IssueServer(now), additionalCertificates: null, offline: true);
                _server = new ServerCertificate(context, now + Certificate.ServerLifetime / 3);
            }
            return _server.Context;
        }
    }

    [LoggerMessage(1101, LogLevel.Warning, "Connection to the agents' port refused: client certificate {Serial} is not one of this authority ({Errors})")]
    private partial void LogForeign(string serial, SslPolicyErrors errors);

    [LoggerMessage(1102, LogLevel.Warning, "Connection to the agents' port refused: certificate {Serial} of asset {AssetId} ended {NotAfterUtc}, too long ago to renew, or has not begun; enrol the endpoint again")]
    private partial void LogOutOfTime(Guid assetId, string serial, DateTimeOffset notAfterUtc);
}
