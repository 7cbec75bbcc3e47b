using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Suture.Contracts;

namespace Suture.Agent.Transport;

/// <summary>Finds the certificate authority of a server by its fingerprint, before anything secret is sent.</summary>
/// <remarks>
/// The operator carries the fingerprint; the network is not trusted. The bytes of the authority may come from anywhere, because they are compared with
/// the fingerprint: (1) from the chain that the server presents, (2) from <see cref="AgentPaths.CertificateAuthority"/>, because TLS libraries leave the
/// root out of the chain they send. Only after that a connection is made that trusts this authority alone, and only over that one the token travels.
/// </remarks>
internal static class PinServer
{
    private const string AuthorityPath = AgentPaths.Root + AgentPaths.CertificateAuthority;

    private const int AuthorityBytesMax = 16 * 1024;

    /// <summary>Fetches the pinned authority.</summary>
    /// <param name="server">The agents' port.</param>
    /// <param name="fingerprint">64 lower-case hex digits.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The authority, or null and why.</returns>
    public static async Task<(X509Certificate2? Authority, string Detail)> FetchAsync(Uri server, string fingerprint, CancellationToken cancellation)
    {
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(TransportLimits.Exchange);
            return await FromHandshakeAsync(server, fingerprint, deadline.Token) is { } presented
                ? (presented, "")
                : await FromRouteAsync(server, fingerprint, deadline.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            return (null, $"The server at {server} cannot be reached: {(exception.InnerException ?? exception).Message}. Is it up, and is this its agents' port?");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (null, $"The server at {server} did not answer within {TransportLimits.Exchange.TotalSeconds:0} s. Is this its agents' port?");
        }
    }

    private static async Task<X509Certificate2?> FromHandshakeAsync(Uri server, string fingerprint, CancellationToken cancellation)
    {
        X509Certificate2? found = null;
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host, server.Port, cancellation);
        await using var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: true);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = server.Host,
            // Nothing is sent over this connection; it only shows certificates.
            RemoteCertificateValidationCallback = (_, _, chain, _) =>
            {
                var presented = chain is null ? [] : chain.ChainPolicy.ExtraStore.Concat(chain.ChainElements.Select(element => element.Certificate));
                found = ServerTrust.FindPinned(presented, fingerprint) is { } pinned ? X509CertificateLoader.LoadCertificate(pinned.RawData) : null;
                return true;
            },
        };
        await tls.AuthenticateAsClientAsync(options, cancellation);
        return found;
    }

    private static async Task<(X509Certificate2? Authority, string Detail)> FromRouteAsync(Uri server, string fingerprint, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true; // what comes back is compared with the fingerprint
        using var http = new HttpClient(handler) { BaseAddress = server, MaxResponseContentBufferSize = AuthorityBytesMax };
        using var response = await http.GetAsync(AuthorityPath, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            return (null, $"The server at {server} presents no certificate authority with fingerprint {fingerprint} and hands none out "
                + $"(GET {AuthorityPath} answered {(int)response.StatusCode}). Is this the right server, and its agents' port?");
        }
        var presented = new X509Certificate2Collection();
        try
        {
            presented.ImportFromPem(await response.Content.ReadAsStringAsync(cancellation));
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return (null, $"The server at {server} hands out a certificate authority that is no PEM certificate.");
        }
        return ServerTrust.FindPinned(presented, fingerprint) is { } authority
            ? (authority, "")
            : (null, $"The certificate authority of {server} is not the one with fingerprint {fingerprint}; nothing was sent to it. "
                + "Compare the fingerprint with the one the server shows; if it is right, somebody stands between.");
    }
}
