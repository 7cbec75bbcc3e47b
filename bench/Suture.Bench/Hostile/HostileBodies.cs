using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Suture.Bench.Loop;
using Suture.Contracts;
using Suture.Contracts.Enrollment;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;

namespace Suture.Bench.Hostile;

/// <summary>Makes messages, good ones and bad ones.</summary>
internal static class HostileBodies
{
    private const string Letters = "abcdefghijklmnop";

    /// <summary>A report of everything.</summary>
    public static AssetReport Report(string name, string bootId, long sequence, ReportContent facts, DateTimeOffset taken) => new()
    {
        Schema = 1,
        BootId = bootId,
        Sequence = sequence,
        TakenUtc = taken,
        AgentVersion = BenchAgent.Version,
        ObservedOnly = false,
        HostName = name,
        SoftwareDigest = facts.SoftwareDigest,
        Software = facts.Packages,
        StateDigest = facts.StateDigest,
        State = facts.State,
        Vitals = new MachineVitals { UptimeSeconds = 60 },
    };

    /// <summary>A renewal that asks for a name.</summary>
    public static byte[] Renew(string commonName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return JsonSerializer.SerializeToUtf8Bytes(new RenewRequest { CertificateRequest = JoinEndpoint.RequestFor(key, commonName) }, ContractsJson.Default.RenewRequest);
    }

    /// <summary>A message's JSON.</summary>
    public static byte[] Json(AssetReport report) => JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.AssetReport);

    /// <summary>A message's JSON.</summary>
    public static byte[] Json(PollRequest poll) => JsonSerializer.SerializeToUtf8Bytes(poll, ContractsJson.Default.PollRequest);

    /// <summary>A message's JSON.</summary>
    public static byte[] Json(JobResult result) => JsonSerializer.SerializeToUtf8Bytes(result, ContractsJson.Default.JobResult);

    /// <summary>A message's JSON with the value of one member replaced by text as it is.</summary>
    public static byte[] With(AssetReport report, string member, string value) => With(Json(report), member, value);

    /// <summary>See the other.</summary>
    public static byte[] With(PollRequest poll, string member, string value) => With(Json(poll), member, value);

    /// <summary>See the other.</summary>
    public static byte[] With(JobResult result, string member, string value) => With(Json(result), member, value);

    /// <summary>A message's JSON with more members at its end.</summary>
    public static byte[] WithMore(AssetReport report, string members) => WithMore(Json(report), members);

    /// <summary>See the other.</summary>
    public static byte[] WithMore(PollRequest poll, string members) => WithMore(Json(poll), members);

    /// <summary>See the other.</summary>
    public static byte[] WithMore(JobResult result, string members) => WithMore(Json(result), members);

    /// <summary>The bytes with the last <c>?</c> replaced by others.</summary>
    public static byte[] Put(byte[] json, byte[] bytes)
    {
        var at = json.AsSpan().LastIndexOf((byte)'?');
        return [.. json[..at], .. bytes, .. json[(at + 1)..]];
    }

    /// <summary>Text as bytes.</summary>
    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A text many times, with something between.</summary>
    public static string Times(string text, int count, string between = ",") => string.Join(between, Enumerable.Repeat(text, count));

    /// <summary>Letters by chance: 16 of them pack to about half, 4 to a quarter.</summary>
    public static string Chance(int length, int letters) => RandomNumberGenerator.GetString(Letters.AsSpan(0, letters), length);

    /// <summary>What is wrong with a new certificate; null when it is the asset's own.</summary>
    public static string? IsCertificateOf(RawAnswer answer, Guid asset)
    {
        using var certificate = X509Certificate2.CreateFromPem(JsonSerializer.Deserialize(answer.Body, ContractsJson.Default.RenewResponse)!.Certificate);
        var name = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return name == asset.ToString() ? null : $"a certificate of {name} was given to {asset}";
    }

    private static byte[] With(byte[] json, string member, string value)
    {
        using var parsed = JsonDocument.Parse(json);
        var written = parsed.RootElement.EnumerateObject().Select(found => $"\"{found.Name}\":{(found.NameEquals(member) ? value : found.Value.GetRawText())}").ToList();
        return written.Exists(text => text.StartsWith($"\"{member}\":", StringComparison.Ordinal))
            ? Utf8($"{{{string.Join(',', written)}}}")
            : throw new BenchException($"The message has no member {member}.");
    }

    private static byte[] WithMore(byte[] json, string members) => [.. json[..^1], .. Utf8($",{members}}}")];
}
