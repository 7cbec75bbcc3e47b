using System.Security.Cryptography;
using System.Text.Json;
using Suture.Agent.Jobs;
using Suture.Contracts;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Tests;

/// <summary>Fills what a test does not care about.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly Guid Asset = Guid.Parse("01998888-0000-7000-8000-000000000001");
    public static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    public static readonly string Hash = new('a', 64);

    public static JobPayload Payload(JobVerb verb = JobVerb.EnsurePackage, int id = 1) => new()
    {
        JobId = new Guid(id, 0, 0, [0, 0, 0, 0, 0, 0, 0, 7]),
        AssetId = Asset,
        PlanHash = Hash,
        Verb = verb,
        Packages = verb is JobVerb.EnsurePackage or JobVerb.RestorePackage ? [Package()] : [],
        Units = verb == JobVerb.RestartService ? ["nginx.service"] : [],
        NotBeforeUtc = Now,
        ExpiresUtc = Now.AddHours(1),
    };

    public static JobPackage Package(string name = "libssl3", string version = "3.0.17-1~deb12u2", string? minimum = null, string architecture = "amd64") =>
        new() { Name = name, Architecture = architecture, Version = version, MinimumVersion = minimum ?? version, Sha256 = Hash };

    public static JobEnvelope Sign(JobPayload payload, ECDsa? key = null) => Sign(JsonSerializer.SerializeToUtf8Bytes(payload, ContractsJson.Default.JobPayload), key);

    public static JobEnvelope Sign(byte[] bytes, ECDsa? key = null) => new()
    {
        KeyId = "k1", Payload = Convert.ToBase64String(bytes), Signature = Convert.ToBase64String(JobSignature.Sign(bytes, key ?? Key)),
    };

    public static JobJudge Judge(bool observedOnly = false, params Guid[] known) => new()
    {
        AssetId = Asset,
        ObservedOnly = observedOnly,
        Keys = new Dictionary<string, string> { ["k1"] = Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo()) },
        IsKnown = known.Contains,
    };

    public static InstalledPackage Installed(string name, string version = "1.0-1") => new()
    {
        Name = name, Version = version, Architecture = "amd64", Source = name, SourceVersion = version, Origin = OriginKind.Distribution,
        OriginBasis = OriginBasis.Observed,
    };

    public static string TemporaryDirectory() => Directory.CreateTempSubdirectory("suture-agent-tests-").FullName;
}
