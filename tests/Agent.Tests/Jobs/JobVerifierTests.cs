using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Suture.Agent.Jobs;
using Suture.Contracts;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Tests.Jobs;

public sealed class JobVerifierTests
{
    [Theory]
    [InlineData(JobVerb.EnsurePackage)]
    [InlineData(JobVerb.RestartService)]
    [InlineData(JobVerb.Reboot)]
    [InlineData(JobVerb.RestorePackage)]
    [InlineData(JobVerb.ReportNow)]
    public void Verify_GenuineJob_IsAccepted(JobVerb verb)
    {
        var verdict = JobVerifier.Verify(Given.Sign(Given.Payload(verb)), Given.Judge(), Given.Now);

        Assert.Equal(JobVerdictKind.Accepted, verdict.Kind);
        Assert.Equal(verb, verdict.Payload!.Verb);
    }

    [Fact]
    public void Verify_OtherKeyUnderAKnownId_IsRefused()
    {
        using var forger = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Refused("signature-invalid", Given.Sign(Given.Payload(), forger));
    }

    [Fact]
    public void Verify_UnknownKey_IsRefused() => Refused("key-unknown", Given.Sign(Given.Payload()) with { KeyId = "k2" });

    [Fact]
    public void Verify_PayloadChangedAfterSigning_IsRefused()
    {
        var genuine = Given.Sign(Given.Payload());
        var changed = Encoding.UTF8.GetString(Convert.FromBase64String(genuine.Payload)).Replace("libssl3", "libssl4", StringComparison.Ordinal);

        Refused("signature-invalid", genuine with { Payload = Convert.ToBase64String(Encoding.UTF8.GetBytes(changed)) });
    }

    [Fact]
    public void Verify_EverySingleFlippedBit_IsRefused()
    {
        var genuine = Given.Sign(Given.Payload());
        var bytes = Convert.FromBase64String(genuine.Payload);
        for (var bit = 0; bit < bytes.Length * 8; bit += 13)
        {
            var changed = bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            var verdict = JobVerifier.Verify(genuine with { Payload = Convert.ToBase64String(changed) }, Given.Judge(), Given.Now);

            Assert.Equal(JobVerdictKind.Refused, verdict.Kind);
        }
    }

    [Fact]
    public void Verify_SignatureWithoutTheDomain_IsRefused()
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(Given.Payload(), ContractsJson.Default.JobPayload);
        var bare = Given.Key.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

        Refused("signature-invalid", Given.Sign(bytes) with { Signature = Convert.ToBase64String(bare) });
    }

    [Fact]
    public void Verify_OtherAsset_IsRefused() => Refused("other-asset", Given.Sign(Given.Payload() with { AssetId = Guid.Empty }));

    [Theory]
    [InlineData(-121, "not-yet")] // beyond what clocks may differ
    [InlineData(-120, null)]
    [InlineData(0, null)]
    [InlineData(3599, null)]
    [InlineData(3600, "expired")] // the end does not belong to it
    public void Verify_SecondsFromNotBefore_IsHalfOpen(int seconds, string? reason)
    {
        var verdict = JobVerifier.Verify(Given.Sign(Given.Payload()), Given.Judge(), Given.Now.AddSeconds(seconds));

        Assert.Equal(reason, verdict.Reason);
    }

    [Fact]
    public void Verify_KnownId_IsNeverAcceptedAgain()
    {
        var payload = Given.Payload();

        Assert.Equal(JobVerdictKind.Known, JobVerifier.Verify(Given.Sign(payload), Given.Judge(false, payload.JobId), Given.Now).Kind);
    }

    [Fact]
    public void Verify_ForgedJobWithAKnownId_IsRefusedNotKnown()
    {
        using var forger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var payload = Given.Payload();

        Assert.Equal(JobVerdictKind.Refused, JobVerifier.Verify(Given.Sign(payload, forger), Given.Judge(false, payload.JobId), Given.Now).Kind);
    }

    [Theory]
    [InlineData(JobVerb.EnsurePackage, false)]
    [InlineData(JobVerb.RestartService, false)]
    [InlineData(JobVerb.Reboot, false)]
    [InlineData(JobVerb.RestorePackage, false)]
    [InlineData(JobVerb.ReportNow, true)]
    public void Verify_ObservedOnly_AllowsReportNowAlone(JobVerb verb, bool allowed)
    {
        var verdict = JobVerifier.Verify(Given.Sign(Given.Payload(verb)), Given.Judge(observedOnly: true), Given.Now);

        Assert.Equal(allowed ? null : "observed-only", verdict.Reason);
    }

    public static TheoryData<string, JobPackage> Smuggled => new()
    {
        { "option as a name", Given.Package(name: "-oDpkg::Options::=--force-all") },
        { "long option as a name", Given.Package(name: "--allow-downgrades") },
        { "path as a name", Given.Package(name: "/tmp/evil.deb") },
        { "relative path as a name", Given.Package(name: "./evil") },
        { "version in the name", Given.Package(name: "bash=1") },
        { "architecture in the name", Given.Package(name: "bash:i386") },
        { "pattern as a name", Given.Package(name: "?installed") },
        { "star as a name", Given.Package(name: "lib*") },
        { "release in the version", Given.Package(version: "1.0/bookworm") },
        { "space in the version", Given.Package(version: "1.0 bash") },
        { "line feed in the version", Given.Package(version: "1.0\nbash") },
        { "version that begins with a dash", Given.Package(version: "-1.0") },
        { "architecture that begins with a dash", Given.Package(architecture: "-amd64") },
        { "architecture with a version", Given.Package(architecture: "amd64=1") },
        { "empty name", Given.Package(name: "") },
        { "upper-case hash", Given.Package() with { Sha256 = new string('A', 64) } },
        { "short hash", Given.Package() with { Sha256 = "abc" } },
        { "minimum above the version", Given.Package(version: "1.0-1", minimum: "1.0-2") },
    };

    [Theory]
    [MemberData(nameof(Smuggled))]
    public void Verify_SmuggledPackageWord_IsRefused(string what, JobPackage package)
    {
        Assert.NotEmpty(what);
        Refused("arguments-malformed", Given.Sign(Given.Payload() with { Packages = [package] }));
    }

    [Theory]
    [InlineData("--root=/tmp/x.service")]
    [InlineData("-H.service")]
    [InlineData("nginx.service extra.service")]
    [InlineData("nginx.target")]
    [InlineData("../etc/x.service")]
    [InlineData("*.service")]
    [InlineData(".service")]
    [InlineData("")]
    public void Verify_SmuggledUnit_IsRefused(string unit) =>
        Refused("arguments-malformed", Given.Sign(Given.Payload(JobVerb.RestartService) with { Units = [unit] }));

    [Fact]
    public void Verify_ArgumentsOfAnotherVerb_AreRefused()
    {
        Refused("arguments-malformed", Given.Sign(Given.Payload(JobVerb.Reboot) with { Units = ["nginx.service"] }));
        Refused("arguments-malformed", Given.Sign(Given.Payload() with { Units = ["nginx.service"] }));
        Refused("arguments-malformed", Given.Sign(Given.Payload(JobVerb.RestartService) with { Packages = [Given.Package()] }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    public void Verify_TooFewOrTooManyPackages_IsRefused(int count) =>
        Refused("arguments-malformed", Given.Sign(Given.Payload() with { Packages = [.. Enumerable.Range(0, count).Select(i => Given.Package($"lib{i}"))] }));

    [Fact]
    public void Verify_SamePackageTwice_IsRefused() => Refused("arguments-malformed", Given.Sign(Given.Payload() with { Packages = [Given.Package(), Given.Package()] }));

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("{\"jobId\":\"x\"}")]
    [InlineData("[]")]
    public void Verify_GenuineButUnreadable_IsRefused(string payload) => Refused("payload-malformed", Given.Sign(Encoding.UTF8.GetBytes(payload)));

    [Fact]
    public void Verify_PropertyTwice_IsRefused()
    {
        var json = JsonSerializer.Serialize(Given.Payload(), ContractsJson.Default.JobPayload);

        Refused("payload-malformed", Given.Sign(Encoding.UTF8.GetBytes(json[..^1] + ",\"verb\":\"reboot\"}")));
    }

    [Fact]
    public void Verify_VerbAsANumber_IsRefused()
    {
        var json = JsonSerializer.Serialize(Given.Payload(JobVerb.ReportNow), ContractsJson.Default.JobPayload).Replace("\"report_now\"", "3", StringComparison.Ordinal);

        Refused("payload-malformed", Given.Sign(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Verify_PayloadAboveTheBound_IsRefused()
    {
        var bytes = new byte[JobLimits.PayloadBytesMax + 1];

        Refused("payload-malformed", Given.Sign(bytes));
    }

    private static void Refused(string reason, JobEnvelope envelope)
    {
        var verdict = JobVerifier.Verify(envelope, Given.Judge(), Given.Now);

        Assert.Equal(JobVerdictKind.Refused, verdict.Kind);
        Assert.Equal(reason, verdict.Reason);
        Assert.Null(verdict.Payload);
    }
}
