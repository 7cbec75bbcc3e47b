using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Suture.Bench.Loop;

/// <summary>One agent's connection as the real agent makes it: HTTP/2 over TLS that trusts the pinned authority alone, with the agent's certificate.</summary>
internal sealed class AgentConnection : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly HttpClient _http;
    private readonly X509Certificate2? _identity;

    /// <summary>Makes a connection; connects with the first request.</summary>
    /// <param name="server">The agents' port.</param>
    /// <param name="authority">The only authority trusted; stays the caller's.</param>
    /// <param name="identity">Certificate with key, owned from here on; null while enrolling.</param>
    public AgentConnection(Uri server, X509Certificate2 authority, X509Certificate2? identity)
    {
        _identity = identity;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            MaxConnectionsPerServer = 1,
            EnableMultipleHttp2Connections = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = Trust(authority),
                ClientCertificateContext = identity is null ? null : SslStreamCertificateContext.Create(identity, null, offline: true),
            },
        })
        {
            BaseAddress = new Uri(server, "agent/v1/"),
            Timeout = LoopLimits.Request,
            MaxResponseContentBufferSize = LoopLimits.AnswerBytesMax,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>Fetches the authority that a join command names by its fingerprint.</summary>
    /// <exception cref="BenchException">The server hands out another.</exception>
    public static async Task<X509Certificate2> FetchAuthorityAsync(Uri server, string fingerprint, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true; // what comes back is compared with the fingerprint
        using var http = new HttpClient(handler) { BaseAddress = server, MaxResponseContentBufferSize = LoopLimits.AnswerBytesMax };
        var authority = X509Certificate2.CreateFromPem(await http.GetStringAsync("agent/v1/certificate-authority", cancellation));
        return Convert.ToHexStringLower(SHA256.HashData(authority.RawDataMemory.Span)) == fingerprint
            ? authority
            : throw new BenchException($"The certificate authority of {server} has not the fingerprint {fingerprint} of the join command.");
    }

    /// <summary>A message as the real agent sends it: JSON, packed.</summary>
    public static ByteArrayContent Pack<T>(T message, JsonTypeInfo<T> type)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            JsonSerializer.Serialize(gzip, message, type);
        }
        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    /// <summary>A message as it is.</summary>
    public static ByteArrayContent Plain<T>(T message, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(message, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>Sends a message and reads the answer.</summary>
    /// <exception cref="BenchException">The answer is a refusal.</exception>
    public async Task<T> SendAsync<T>(string route, HttpContent content, JsonTypeInfo<T> answer, CancellationToken cancellation)
    {
        using var response = await _http.PostAsync(route, content, cancellation);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
        return response.IsSuccessStatusCode
            ? JsonSerializer.Deserialize(bytes, answer)!
            : throw new BenchException($"{route} answered {(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(bytes)}");
    }

    public void Dispose()
    {
        _http.Dispose();
        _identity?.Dispose();
    }

    /// <summary>What a server's certificate must be: one of this authority, for servers.</summary>
    public static X509ChainPolicy Trust(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(authority);
        policy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        return policy;
    }
}
