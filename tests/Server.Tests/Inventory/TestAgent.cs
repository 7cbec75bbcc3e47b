using System.IO.Compression;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Inventory;

namespace Suture.Server.Tests.Inventory;

/// <summary>An agent as the server sees it: a key, a certificate, a count of reports.</summary>
internal sealed class TestAgent(InventoryHost host, string hostName)
{
    public ECDsa Key { get; private set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    public Guid AssetId { get; private set; }
    public X509Certificate2? Certificate { get; private set; }
    public HttpClient Client { get; private set; } = host.AgentClient(null);
    public string BootId { get; set; } = "boot-a";
    public long Sequence { get; set; }

    public void UseAsset(Guid assetId) => AssetId = assetId;

    public static string CsrOf(AsymmetricAlgorithm key)
    {
        var request = key is ECDsa ecdsa
            ? new CertificateRequest("CN=whatever the host likes", ecdsa, HashAlgorithmName.SHA256)
            : new CertificateRequest("CN=whatever the host likes", (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return Convert.ToBase64String(request.CreateSigningRequest());
    }

    public EnrollRequest EnrollRequest(string token, string? csr = null) =>
        new() { Token = token, CertificateRequest = csr ?? CsrOf(Key), HostName = hostName, AgentVersion = "0.1.0", ObservedOnly = false };

    public async Task<EnrollResponse> EnrollAsync(string token)
    {
        using var response = await Client.PostAsJsonAsync("enroll", EnrollRequest(token), ContractsJson.Default.EnrollRequest);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var enrolled = (await response.Content.ReadFromJsonAsync(ContractsJson.Default.EnrollResponse))!;
        AssetId = enrolled.AssetId;
        Use(enrolled.Certificate, Key);
        return enrolled;
    }

    public void Use(string pem, ECDsa key)
    {
        Key = key;
        using var bare = X509Certificate2.CreateFromPem(pem);
        Certificate = bare.CopyWithPrivateKey(key);
        Client = host.AgentClient(Certificate);
    }

    public Task<HttpResponseMessage> RenewAsync(ECDsa key) =>
        Client.PostAsJsonAsync("renew", new RenewRequest { CertificateRequest = CsrOf(key) }, ContractsJson.Default.RenewRequest);

    public Task<HttpResponseMessage> PollAsync() => Client.PostAsync("poll", null);

    /// <summary>A full report under the next number.</summary>
    public AssetReport Full(IReadOnlyList<InstalledPackage> software, MachineState state) => new()
    {
        Schema = 1,
        BootId = BootId,
        Sequence = ++Sequence,
        TakenUtc = host.Clock.GetUtcNow(),
        AgentVersion = "0.1.0",
        ObservedOnly = false,
        HostName = hostName,
        SoftwareDigest = ReportDigest.OfSoftware(software),
        Software = software,
        StateDigest = ReportDigest.OfState(state),
        State = state,
        Vitals = new MachineVitals { UptimeSeconds = 10 },
    };

    public async Task<ReportResponse> ReportAsync(AssetReport report)
    {
        using var response = await SendAsync(report);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.ReportResponse))!;
    }

    public Task<HttpResponseMessage> SendAsync(AssetReport report) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.AssetReport));

    public Task<HttpResponseMessage> SendAsync(byte[] json) => SendRawAsync(Gzip(json), "gzip");

    public Task<HttpResponseMessage> SendRawAsync(byte[] body, string? encoding)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }
        return Client.PostAsync("report", content);
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }
}

/// <summary>Facts of small machines.</summary>
internal static class Given
{
    public static InstalledPackage Package(string name, string version = "1.0-1") => new()
    {
        Name = name,
        Version = version,
        Architecture = "amd64",
        Source = name,
        SourceVersion = version,
        Origin = OriginKind.Distribution,
        OriginBasis = OriginBasis.Observed,
        OriginLabel = "Debian bookworm",
    };

    public static IReadOnlyList<InstalledPackage> Software(params InstalledPackage[] packages) => ReportDigest.Order(packages);

    public static MachineState State(string codename = "bookworm", int updates = 0, bool isListening = true) => new()
    {
        OperatingSystem = new OperatingSystemRelease { Id = "debian", Codename = codename, VersionId = "12", PrettyName = "Debian GNU/Linux 12 (bookworm)", Architecture = "amd64" },
        Listening = [new ListeningSocket { Protocol = "tcp", Address = "0.0.0.0", Port = 443, Command = "nginx", Package = "nginx", IsLoopbackOnly = !isListening }],
        AvailableUpdates = [.. Enumerable.Range(1, updates).Select(number => new AvailableUpdate
        {
            Package = "curl",
            Architecture = "amd64",
            Version = $"1.0-{number + 1}",
            Source = "curl",
            SourceVersion = $"1.0-{number + 1}",
            Suite = "bookworm-security",
            IsSecurity = true,
            Sha256 = new string('a', 64),
            SizeBytes = 1000,
        })],
        Failures = [],
    };
}
