using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Suture.Agent.Reports;
using Suture.Contracts;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Transport;

/// <summary>The one connection of an agent: HTTP/2 over mutual TLS, for polls, reports, results and renewals.</summary>
internal sealed class AgentClient : IReportCarrier, IDisposable
{
    private const int GzipFromBytes = 1_024;

    private readonly HttpClient _http;
    private readonly SocketsHttpHandler _handler;
    private readonly X509Certificate2 _authority;
    private readonly AgentIdentity? _identity;

    /// <summary>Makes a client; connects with the first request.</summary>
    /// <param name="server">The agents' port.</param>
    /// <param name="authority">The only authority trusted; owned from here on.</param>
    /// <param name="identity">The agent's certificate, owned from here on; null while it has none.</param>
    public AgentClient(Uri server, X509Certificate2 authority, AgentIdentity? identity)
    {
        _authority = authority;
        _identity = identity;
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TransportLimits.Connect,
            MaxConnectionsPerServer = 1,
            EnableMultipleHttp2Connections = false,
            KeepAlivePingDelay = TransportLimits.PingAfter,
            KeepAlivePingTimeout = TransportLimits.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = ServerTrust.PolicyFor(authority),
                ClientCertificateContext = identity is null ? null : SslStreamCertificateContext.Create(identity.Certificate, null, offline: true),
            },
        };
        _http = new HttpClient(_handler)
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = TransportLimits.AnswerBytesMax,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>Asks for a certificate with a one-use token.</summary>
    /// <param name="request">Message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Certificate and keys.</returns>
    public Task<Reply<EnrollResponse>> EnrollAsync(EnrollRequest request, CancellationToken cancellation) =>
        SendAsync(AgentPaths.Root + AgentPaths.Enroll, request, AgentMessagesJson.Default.EnrollRequest, AgentMessagesJson.Default.EnrollResponse, TimeSpan.Zero, cancellation);

    /// <summary>Asks for work and waits for it at the server; the heartbeat.</summary>
    /// <param name="request">Message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Work, if any.</returns>
    public Task<Reply<PollResponse>> PollAsync(PollRequest request, CancellationToken cancellation) =>
        SendAsync(AgentPaths.Root + AgentPaths.Poll, request, AgentMessagesJson.Default.PollRequest, AgentMessagesJson.Default.PollResponse,
            TimeSpan.FromSeconds(request.WaitSeconds), cancellation);

    /// <inheritdoc/>
    public Task<Reply<ReportResponse>> ReportAsync(AssetReport report, CancellationToken cancellation) =>
        SendAsync(AgentPaths.Root + AgentPaths.Report, report, AgentMessagesJson.Default.AssetReport, AgentMessagesJson.Default.ReportResponse, TimeSpan.Zero, cancellation);

    /// <summary>Sends the result of a job. Sending it twice changes nothing.</summary>
    /// <param name="result">Message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Answered when the server has it; the value says nothing.</returns>
    public Task<Reply<string>> ResultAsync(JobResult result, CancellationToken cancellation) =>
        SendAsync(AgentPaths.Root + AgentPaths.Result, result, AgentMessagesJson.Default.JobResult, answerType: (JsonTypeInfo<string>?)null, TimeSpan.Zero, cancellation);

    /// <summary>Asks for the next certificate; allowed with one that ended at most 180 days ago.</summary>
    /// <param name="request">Message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Certificate and keys.</returns>
    public Task<Reply<RenewResponse>> RenewAsync(RenewRequest request, CancellationToken cancellation) =>
        SendAsync(AgentPaths.Root + AgentPaths.Renew, request, AgentMessagesJson.Default.RenewRequest, AgentMessagesJson.Default.RenewResponse, TimeSpan.Zero, cancellation);

    private async Task<Reply<TAnswer>> SendAsync<TMessage, TAnswer>(
        string path, TMessage message, JsonTypeInfo<TMessage> messageType, JsonTypeInfo<TAnswer>? answerType, TimeSpan serverWait, CancellationToken cancellation)
        where TAnswer : class
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TransportLimits.Exchange + serverWait);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Content = ContentOf(message, messageType);
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, deadline.Token);
            return await ReadAsync(path, response, answerType, deadline.Token);
        }
        catch (HttpRequestException exception)
        {
            return new(ReplyOutcome.Unreachable, null, $"{path}: {Innermost(exception)}");
        }
        catch (IOException exception)
        {
            return new(ReplyOutcome.Unreachable, null, $"{path}: {Innermost(exception)}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(ReplyOutcome.Unreachable, null, $"{path}: no answer within {(TransportLimits.Exchange + serverWait).TotalSeconds:0} s");
        }
    }

    private static async Task<Reply<TAnswer>> ReadAsync<TAnswer>(
        string path, HttpResponseMessage response, JsonTypeInfo<TAnswer>? type, CancellationToken cancellation)
        where TAnswer : class
    {
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode)
        {
            var outcome = status switch
            {
                401 or 403 => ReplyOutcome.Denied,
                408 or 425 or 429 or >= 500 => ReplyOutcome.Busy,
                _ => ReplyOutcome.Rejected,
            };
            return new(outcome, null, $"{path}: the server answered {status}. {await ProblemOfAsync(response, cancellation)}".TrimEnd(), response.Headers.RetryAfter?.Delta);
        }
        if (type is null)
        {
            return new(ReplyOutcome.Answered, null, "");
        }
        try
        {
            var value = await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(cancellation), type, cancellation);
            return value is null ? new(ReplyOutcome.Rejected, null, $"{path}: the answer is empty") : new(ReplyOutcome.Answered, value, "");
        }
        catch (JsonException exception)
        {
            return new(ReplyOutcome.Rejected, null, $"{path}: the answer cannot be understood ({exception.Message})");
        }
    }

    private static async Task<string> ProblemOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            var problem = await JsonSerializer.DeserializeAsync(
                await response.Content.ReadAsStreamAsync(cancellation), AgentMessagesJson.Default.Problem, cancellation);
            return problem?.Detail ?? problem?.Title ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private static HttpContent ContentOf<TMessage>(TMessage message, JsonTypeInfo<TMessage> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message, type);
        var isLong = bytes.Length >= GzipFromBytes;
        var content = new ByteArrayContent(isLong ? Compress(bytes) : bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (isLong)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }
        return content;
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }
        return compressed.ToArray();
    }

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }
        return exception.Message;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
        _identity?.Dispose();
        _authority.Dispose();
    }
}
