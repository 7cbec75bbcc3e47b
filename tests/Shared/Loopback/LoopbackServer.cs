using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Suture.Contracts;
using Suture.Contracts.Approvals;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;

namespace Suture.Tests;

/// <summary>Stands for the server before an agent: a certificate authority, mutual TLS over HTTP/2, the five routes. It records what an agent sends.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private const string KeyId = "k1";

    private readonly WebApplication _application;
    private readonly Channel<JobEnvelope> _jobs = Channel.CreateUnbounded<JobEnvelope>();
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private LoopbackServer(WebApplication application, X509Certificate2 authority) => (_application, Authority) = (application, authority);

    public static string Token => "one-use-token";

    public X509Certificate2 Authority { get; private set; }

    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Authority.RawData));

    public string Url { get; private set; } = "";

    public TimeSpan CertificateLife { get; set; } = TimeSpan.FromDays(30);

    public bool HandsOutAuthority { get; set; } = true;

    /// <summary>Reports are not taken before this is done.</summary>
    public Task ReportGate { get; set; } = Task.CompletedTask;

    /// <summary>Messages by their route that are answered 429 before one is read, with this many seconds to come back.</summary>
    public ConcurrentDictionary<string, int> TurnsAway { get; } = new();

    /// <summary>See <see cref="TurnsAway"/>.</summary>
    public int RetryAfterSeconds { get; set; }

    public ReportOutcome NextReportOutcome { get; set; } = ReportOutcome.Accepted;

    /// <summary>Says which results are refused for good, as out of bounds.</summary>
    public Func<JobResult, bool> RefusesResult { get; set; } = _ => false;

    public ECDsa JobKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Guid AssetId { get; } = Guid.Parse("01998888-0000-7000-8000-000000000001");

    /// <summary>Answers each poll at once with the wish for a full report, until one came.</summary>
    public bool FullReportWanted { get; set; }

    /// <summary>Polls that were answered so.</summary>
    public int WishesTold { get; private set; }

    public ConcurrentQueue<EnrollRequest> Enrolments { get; } = new();

    public ConcurrentQueue<AssetReport> Reports { get; } = new();

    public ConcurrentQueue<JobResult> Results { get; } = new();

    public ConcurrentQueue<string> Order { get; } = new();

    public int Renewals { get; private set; }

    public static async Task<LoopbackServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = MakeAuthority(key);
        var own = Issue(authority, key, ECDsa.Create(ECCurve.NamedCurves.nistP256), "localhost", "1.3.6.1.5.5.7.3.1", TimeSpan.FromDays(1));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = own;
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => certificate.Issuer == authority.Subject;
        })));
        var application = builder.Build();
        var server = new LoopbackServer(application, authority);
        server._authorityKey.ImportParameters(key.ExportParameters(includePrivateParameters: true));
        server.Map();
        await application.StartAsync();
        server.Url = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return server;
    }

    /// <summary>Hands out another authority than its own, as a stranger in between would.</summary>
    public void Present(X509Certificate2 other) => Authority = other;

    /// <summary>Signs a job and hands it to the next poll.</summary>
    public JobPayload Offer(JobVerb verb, IReadOnlyList<JobPackage>? packages = null, IReadOnlyList<string>? units = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var payload = new JobPayload
        {
            JobId = Guid.CreateVersion7(now), AssetId = AssetId, PlanHash = new string('a', 64), Verb = verb, Packages = packages ?? [], Units = units ?? [],
            NotBeforeUtc = now, ExpiresUtc = now.AddHours(1),
        };
        Offer(payload);
        return payload;
    }

    /// <summary>Signs a payload and hands it to the next poll.</summary>
    public void Offer(JobPayload payload)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(payload, ContractsJson.Default.JobPayload);
        Offer(new JobEnvelope { KeyId = KeyId, Payload = Convert.ToBase64String(bytes), Signature = Convert.ToBase64String(JobSignature.Sign(bytes, JobKey)) });
    }

    /// <summary>Set of approvers that who joins is handed; null for none.</summary>
    public SignedApproverSet? Approvers { get; set; }

    public void Offer(JobEnvelope envelope) => _jobs.Writer.TryWrite(envelope);

    private bool IsTurnedAway(HttpContext context)
    {
        var route = context.Request.Path.Value!.Split('/')[^1];
        if (!TurnsAway.TryGetValue(route, out var left) || left == 0)
        {
            return false;
        }
        TurnsAway[route] = left - 1;
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return true;
    }

    private void Map()
    {
        _application.Use((HttpContext context, RequestDelegate next) => IsTurnedAway(context) ? Task.CompletedTask : next(context));
        _application.MapGet("/agent/v1/certificate-authority", () => HandsOutAuthority ? Results200(Authority.ExportCertificatePem()) : Microsoft.AspNetCore.Http.Results.NotFound());
        _application.MapPost("/agent/v1/enroll", context => AnswerAsync(context, ContractsJson.Default.EnrollRequest, ContractsJson.Default.EnrollResponse, Enroll, needsCertificate: false));
        _application.MapPost("/agent/v1/renew", context => AnswerAsync(context, ContractsJson.Default.RenewRequest, ContractsJson.Default.RenewResponse, Renew));
        _application.MapPost("/agent/v1/report", async context =>
        {
            await ReportGate;
            await AnswerAsync(context, ContractsJson.Default.AssetReport, ContractsJson.Default.ReportResponse, Report);
        });
        _application.MapPost("/agent/v1/result", async context =>
        {
            var result = await ReadAsync(context, ContractsJson.Default.JobResult);
            Results.Enqueue(result!);
            Order.Enqueue($"result {result!.JobId}");
            context.Response.StatusCode = RefusesResult(result) ? 400 : 204;
        });
        _application.MapPost("/agent/v1/poll", PollAsync);
    }

    private static IResult Results200(string text) => Microsoft.AspNetCore.Http.Results.Text(text, "application/x-pem-file");

    private EnrollResponse? Enroll(EnrollRequest request)
    {
        Enrolments.Enqueue(request);
        return request.Token != Token ? null : new EnrollResponse
        {
            AssetId = AssetId, Certificate = IssueFor(request.CertificateRequest), CertificateAuthority = Authority.ExportCertificatePem(), AgentUrl = Url,
            JobSigningKeys = Keys(), Approvers = Approvers,
        };
    }

    private RenewResponse Renew(RenewRequest request)
    {
        Renewals++;
        CertificateLife = TimeSpan.FromDays(30);
        return new RenewResponse { Certificate = IssueFor(request.CertificateRequest), CertificateAuthority = Authority.ExportCertificatePem(), JobSigningKeys = Keys() };
    }

    private ReportResponse Report(AssetReport report)
    {
        Reports.Enqueue(report);
        FullReportWanted &= report.Software is null || report.State is null;
        Order.Enqueue($"report {report.AfterJob}");
        var outcome = NextReportOutcome;
        NextReportOutcome = ReportOutcome.Accepted;
        return new ReportResponse { Outcome = outcome };
    }

    private async Task PollAsync(HttpContext context)
    {
        if (context.Connection.ClientCertificate is null || context.Request.Protocol != "HTTP/2")
        {
            context.Response.StatusCode = 403;
            return;
        }
        var request = await ReadAsync(context, ContractsJson.Default.PollRequest);
        var jobs = new List<JobEnvelope>();
        var isWanted = FullReportWanted;
        WishesTold += isWanted ? 1 : 0;
        if (request!.WaitSeconds > 0 && !isWanted)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            wait.CancelAfter(TimeSpan.FromSeconds(request.WaitSeconds));
            try
            {
                jobs.Add(await _jobs.Reader.ReadAsync(wait.Token));
            }
            catch (OperationCanceledException)
            {
                // the wait is over
            }
        }
        var response = new PollResponse { Jobs = jobs, ServerUtc = TimeProvider.System.GetUtcNow(), FullReportWanted = isWanted };
        await context.Response.WriteAsync(JsonSerializer.Serialize(response, ContractsJson.Default.PollResponse));
    }

    private static async Task AnswerAsync<TIn, TOut>(
        HttpContext context, JsonTypeInfo<TIn> inType, JsonTypeInfo<TOut> outType, Func<TIn, TOut?> answer, bool needsCertificate = true)
        where TOut : class
    {
        if (needsCertificate && context.Connection.ClientCertificate is null)
        {
            context.Response.StatusCode = 403;
        }
        else if (answer((await ReadAsync(context, inType))!) is { } value)
        {
            await context.Response.WriteAsync(JsonSerializer.Serialize(value, outType));
        }
        else
        {
            context.Response.StatusCode = 403;
        }
    }

    private static async Task<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        var body = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        return await JsonSerializer.DeserializeAsync(body, type);
    }

    private Dictionary<string, string> Keys() => new() { [KeyId] = Convert.ToBase64String(JobKey.ExportSubjectPublicKeyInfo()) };

    private string IssueFor(string request)
    {
        var asked = CertificateRequest.LoadSigningRequest(Convert.FromBase64String(request), HashAlgorithmName.SHA256);
        var issued = new CertificateRequest(new X500DistinguishedName($"CN={AssetId}"), asked.PublicKey, HashAlgorithmName.SHA256);
        issued.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = issued.Create(
            Authority.SubjectName, X509SignatureGenerator.CreateForECDsa(_authorityKey), now.AddMinutes(-1), now + CertificateLife, RandomNumberGenerator.GetBytes(8));
        return certificate.ExportCertificatePem();
    }

    private static X509Certificate2 MakeAuthority(ECDsa key)
    {
        var request = new CertificateRequest("CN=Loopback authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var whole = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(400));
        return X509CertificateLoader.LoadCertificate(whole.RawData);
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, ECDsa authorityKey, ECDsa key, string name, string usage, TimeSpan life)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), now.AddHours(-1), now + life, [1, 2, 3, 4]);
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _authorityKey.Dispose();
        JobKey.Dispose();
    }
}
