using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Suture.Agent.Jobs;
using Suture.Agent.State;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Tests.Jobs;

/// <summary>Whoever owns the server, its store and its keys, against agents that demand two approvers' signatures.</summary>
public sealed class TwoKeysTests : IDisposable
{
    private const int Agents = 1_000;

    private static readonly ECDsa Anna = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa Bert = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa Passkey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa Mallory = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly Dictionary<ECDsa, string> PublicKeys = new[] { Anna, Bert, Passkey, Mallory, Given.Key }.ToDictionary(key => key, key => Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));

    private static readonly ApproverSet FirstSet = Set(1, [Key(Anna, "anna"), Key(Bert, "bert"), Key(Passkey, "anna") with { RelyingParty = "suture.example" }]);

    private readonly string _folder = Given.TemporaryDirectory();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The attacker has the server's signing key (Given.Key), so that each job is genuine by the server's word; what approvers signed is in the envelope, and changed.
    private static readonly Dictionary<string, Func<Scene, JobEnvelope>> Attacks = new()
    {
        ["no plan at all"] = scene => scene.Job() with { Plan = null },
        ["a plan without signatures"] = scene => scene.Job() with { ApproverSignatures = [] },
        ["one signature too few"] = scene => scene.Job() with { ApproverSignatures = [scene.By(Anna)] },
        ["one signature twice"] = scene => scene.Job() with { ApproverSignatures = [scene.By(Anna), scene.By(Anna)] },
        ["two keys of one holder"] = scene => scene.Job() with { ApproverSignatures = [scene.By(Anna), scene.ByPasskey()] },
        ["the attacker's keys under the approvers' names"] = scene => scene.Job() with
        {
            ApproverSignatures = [scene.By(Mallory) with { KeyId = Key(Anna, "anna").KeyId }, scene.By(Mallory) with { KeyId = Key(Bert, "bert").KeyId }],
        },
        ["the attacker's own keys"] = scene => scene.Job() with { ApproverSignatures = [scene.By(Mallory), scene.By(Given.Key)] },
        ["signatures of another plan"] = scene => scene.Job() with { ApproverSignatures = [.. new Scene(scene.Asset).Job().ApproverSignatures] },
        ["another plan under the signed hash"] = scene => scene.Job() with { Plan = new Scene(scene.Asset, "evil").Plan },
        ["a reboot that the clauses exclude"] = scene => scene.Job(JobVerb.Reboot),
        ["a clause changed after signing"] = scene => scene.Resigned(scene.Head with { Reboots = "allowed" }, scene.Changes, JobVerb.Reboot),
        ["a change added after signing"] = scene => scene.Resigned(scene.Head, scene.Changes with { Changes = [.. scene.Changes.Changes, Change(scene.Asset, "evil")] }, JobVerb.EnsurePackage, "evil"),
        ["a package that is not in the plan"] = scene => scene.Job(package: "evil"),
        ["a package with another hash"] = scene => scene.Job(edit: package => package with { Sha256 = new string('e', 64) }),
        ["an older version of a package"] = scene => scene.Job(edit: package => package with { Version = "1", MinimumVersion = "1" }),
        ["the signed plan for taking back what was installed"] = scene => scene.Job(JobVerb.RestorePackage),
        ["a unit that runs no replaced code"] = scene => scene.Job(JobVerb.RestartService, unit: "ssh.service"),
        ["another machine's part"] = scene => scene.Job() with { Plan = scene.Plan with { Changes = [Text(new AssetChanges { Asset = Guid.Empty, Changes = [Change(Guid.Empty)] }, ContractsJson.Default.AssetChanges)] } },
        ["a plan of last month"] = scene => new Scene(scene.Asset, made: Given.Now.AddDays(-31)).Job(),
        ["a plan of next month"] = scene => new Scene(scene.Asset, made: Given.Now.AddDays(31)).Job(),
        ["outside of the plan's window"] = scene => new Scene(scene.Asset, window: new PlanWindow { Zone = "Etc/UTC", Days = ["sun"], Start = "03:00", End = "05:00" }).Job(),
        ["a job that outlasts the plan's window"] = scene => new Scene(scene.Asset, window: new PlanWindow { Zone = "Etc/UTC", Days = ["sun"], Start = "11:00", End = "12:30" }).Job(),
        ["a passkey's assertion for another site"] = scene => scene.Job() with { ApproverSignatures = [scene.By(Bert), scene.ByPasskey(party: "evil.example")] },
        ["a passkey's assertion over another hash"] = scene => scene.Job() with { ApproverSignatures = [scene.By(Bert), scene.ByPasskey(challenge: new byte[32])] },
        ["a passkey's registration"] = scene => scene.Job() with { ApproverSignatures = [scene.By(Bert), scene.ByPasskey(type: "webauthn.create")] },
        ["a passkey without a person"] = scene => scene.Job() with { ApproverSignatures = [scene.By(Bert), scene.ByPasskey(flags: 0x00)] },
        ["a passkey's key signing plainly"] = scene => scene.Job() with { ApproverSignatures = [scene.By(Bert), scene.By(Passkey)] },
    };

    public static TheoryData<string> AttackNames => [.. Attacks.Keys];

    [Theory]
    [MemberData(nameof(AttackNames))]
    public void NoAgentOfAThousandCarriesItOut(string attack)
    {
        var carriedOut = Enumerable.Range(0, Agents).AsParallel().Count(number =>
        {
            var scene = new Scene(new Guid(number, 1, 2, [3, 4, 5, 6, 7, 8, 9, 9]));
            return Judge(scene.Asset, Attacks[attack](scene)).Kind != JobVerdictKind.Refused;
        });

        Assert.Equal(0, carriedOut);
    }

    [Theory]
    [InlineData(JobVerb.EnsurePackage)]
    [InlineData(JobVerb.RestartService)]
    public void WhatApproversSignedIsCarriedOut(JobVerb verb)
    {
        for (var number = 0; number < Agents; number++)
        {
            var scene = new Scene(new Guid(number, 1, 2, [3, 4, 5, 6, 7, 8, 9, 9]));

            var verdict = Judge(scene.Asset, scene.Job(verb));

            Assert.True(verdict.Kind == JobVerdictKind.Accepted, $"agent {number}: {verdict.Reason} {verdict.Detail}");
        }
    }

    [Fact]
    public void APasskeysAssertionOverTheHashCountsAsASignature()
    {
        var scene = new Scene(Given.Asset);

        Assert.Equal(JobVerdictKind.Accepted, Judge(scene.Asset, scene.Job() with { ApproverSignatures = [scene.By(Bert), scene.ByPasskey()] }).Kind);
    }

    [Fact]
    public void AReportIsGivenWithoutSignatures() =>
        Assert.Equal(JobVerdictKind.Accepted, Judge(Given.Asset, Given.Sign(Given.Payload(JobVerb.ReportNow))).Kind);

    [Fact]
    public void ARebootThatFollowsIsDoneOnceAPlan()
    {
        var scene = new Scene(Given.Asset, reboots: "allowed");
        var keeper = Keeper();
        var first = scene.Job(JobVerb.Reboot, id: 1);
        keeper.Note(Judge(scene.Asset, first, keeper).Payload!, Given.Now);

        Assert.Equal("already-taken", Judge(scene.Asset, scene.Job(JobVerb.Reboot, id: 2), keeper).Reason);
        Assert.Equal(JobVerdictKind.Accepted, Judge(scene.Asset, first, keeper).Kind); // offered again: the agent died before it journalled it
        Assert.Equal("already-taken", Judge(scene.Asset, scene.Job(JobVerb.Reboot, id: 2), new ApproverKeeper(new StateDirectory(_folder))).Reason);
    }

    [Fact]
    public void ASetOfApproversIsExchangedOnlyByThoseOfTheOneBefore()
    {
        var keeper = Keeper();
        var mallorys = Set(2, [Key(Mallory, "anna"), Key(Mallory, "bert") with { PublicKey = Key(Given.Key, "bert").PublicKey }]);

        Assert.Contains("0 of the 2", keeper.Take([Offer(mallorys)])!, StringComparison.Ordinal);
        Assert.Contains("0 of the 2", keeper.Take([Offer(mallorys, Mallory, Given.Key)])!, StringComparison.Ordinal);
        Assert.Contains("1 of the 2", keeper.Take([Offer(mallorys, Anna, Mallory)])!, StringComparison.Ordinal);
        Assert.Contains("0 of the 2", keeper.Take([Offer(mallorys with { Group = "other", Version = 1 })])!, StringComparison.Ordinal);
        Assert.Contains("0 of the 2", keeper.Take([Offer(mallorys with { Needed = 0 })])!, StringComparison.Ordinal);
        Assert.Contains("cannot be read", keeper.Take([Offer(mallorys with { Needed = 3 }, Anna, Bert)])!, StringComparison.Ordinal);
        Assert.Equal(1, keeper.Set!.Version);

        Assert.Null(keeper.Take([Offer(Set(2, [Key(Anna, "anna"), Key(Mallory, "carl")]), Anna, Bert)]));
        Assert.Contains("version 1", keeper.Take([Offer(FirstSet, Anna, Bert)])!, StringComparison.Ordinal);
        Assert.Equal(("carl", 2), (new ApproverKeeper(new StateDirectory(_folder)).Set!.Keys[1].Holder, keeper.Set.Version));
    }

    [Fact]
    public void AFirstSetThatDemandsNothingIsNotTaken()
    {
        var keeper = new ApproverKeeper(new StateDirectory(_folder));

        Assert.NotNull(keeper.Take([Offer(FirstSet with { Needed = 0 })]));
        Assert.Null(keeper.Set);
    }

    [Fact]
    public void AKeptSetThatCannotBeReadStopsTheAgent()
    {
        Keeper();
        File.WriteAllText(Path.Combine(_folder, "approvers.json"), """{"document":"e30=","taken":[]}""");

        Assert.Contains("cannot be understood", Assert.Throws<InvalidDataException>(() => new ApproverKeeper(new StateDirectory(_folder))).Message, StringComparison.Ordinal);
    }

    private static ApproverSet Set(int version, IReadOnlyList<ApproverKey> keys) => new() { Group = "ours", Version = version, Needed = 2, Keys = keys };

    private static SignedApproverSet Offer(ApproverSet set, params ECDsa[] signers)
    {
        var document = JsonSerializer.SerializeToUtf8Bytes(set, ContractsJson.Default.ApproverSet);
        return new SignedApproverSet { Document = Convert.ToBase64String(document), Signatures = [.. signers.Select(key => ApproverSignature.Sign(SignedApproverSet.Challenge(document), key))] };
    }

    private ApproverKeeper Keeper()
    {
        var keeper = new ApproverKeeper(new StateDirectory(_folder));
        Assert.Null(keeper.Take([Offer(FirstSet)]));
        return keeper;
    }

    private static JobVerdict Judge(Guid asset, JobEnvelope envelope, ApproverKeeper? keeper = null) => JobVerifier.Verify(
        envelope,
        Given.Judge() with
        {
            AssetId = asset,
            Demand = new ApprovalDemand
            {
                Set = keeper?.Set ?? FirstSet, Taken = keeper is null ? (_, _) => [] : keeper.Taken, OutdatedUnits = () => new HashSet<string> { "nginx.service" },
            },
        },
        Given.Now);

    private static ApproverKey Key(ECDsa key, string holder) => new() { Holder = holder, PublicKey = PublicKeys[key] };

    private static PlanChange Change(Guid asset, string package = "libssl3") => new()
    {
        Asset = asset, AssetName = "web1", Wave = 1, Verb = JobVerb.EnsurePackage, Packages = [Given.Package(package)], From = new Dictionary<string, string>(), Units = [],
        Fix = "bookworm/openssl/3", Vulnerabilities = ["CVE-2026-0001"],
    };

    private static string Text<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>A plan of one upgrade that anna and bert signed, and jobs that the server makes of it.</summary>
    private sealed class Scene
    {
        public Scene(Guid asset, string package = "libssl3", DateTimeOffset? made = null, PlanWindow? window = null, string reboots = "never")
        {
            Asset = asset;
            Changes = new AssetChanges { Asset = asset, Changes = [Change(asset, package)] };
            Head = new PlanHead
            {
                Plan = Guid.CreateVersion7(made ?? Given.Now.AddMinutes(-5)), Author = "policy", Rule = "r", PolicyDigest = "d", Restarts = "services", Reboots = reboots, Window = window,
                Assets = [new string('0', 64), ApprovedPlan.Digest(JsonSerializer.SerializeToUtf8Bytes(Changes, ContractsJson.Default.AssetChanges))],
            };
        }

        public Guid Asset { get; }

        public PlanHead Head { get; }

        public AssetChanges Changes { get; }

        public ApprovedPlan Plan => new() { Head = Text(Head, ContractsJson.Default.PlanHead), Changes = [Text(Changes, ContractsJson.Default.AssetChanges)] };

        private string Hash => ApprovedPlan.Digest(Plan.ReadHead()!);

        public JobEnvelope Job(JobVerb verb = JobVerb.EnsurePackage, string package = "libssl3", string unit = "nginx.service", Func<JobPackage, JobPackage>? edit = null, int id = 1)
        {
            var payload = Given.Payload(verb, id) with { AssetId = Asset, PlanHash = Hash };
            payload = payload with
            {
                Packages = [.. payload.Packages.Select(_ => edit is null ? Given.Package(package) : edit(Given.Package(package)))],
                Units = verb == JobVerb.RestartService ? [unit] : [],
            };
            return Sign(payload) with { Plan = Plan, ApproverSignatures = [By(Anna), By(Bert)] };
        }

        /// <summary>The plan changed, with the approvers' signatures on what it was.</summary>
        public JobEnvelope Resigned(PlanHead head, AssetChanges changes, JobVerb verb, string package = "libssl3")
        {
            var other = head with { Assets = [ApprovedPlan.Digest(JsonSerializer.SerializeToUtf8Bytes(changes, ContractsJson.Default.AssetChanges))] };
            var plan = new ApprovedPlan { Head = Text(other, ContractsJson.Default.PlanHead), Changes = [Text(changes, ContractsJson.Default.AssetChanges)] };
            var payload = Given.Payload(verb) with { AssetId = Asset, PlanHash = ApprovedPlan.Digest(plan.ReadHead()!) };
            return Sign(payload with { Packages = verb == JobVerb.EnsurePackage ? [Given.Package(package)] : [] }) with { Plan = plan, ApproverSignatures = [By(Anna), By(Bert)] };
        }

        public ApproverSignature By(ECDsa key)
        {
            lock (key)
            {
                return ApproverSignature.Sign(Convert.FromHexString(Hash), key);
            }
        }

        private static JobEnvelope Sign(JobPayload payload)
        {
            lock (Given.Key)
            {
                return Given.Sign(payload);
            }
        }

        public ApproverSignature ByPasskey(string party = "suture.example", byte[]? challenge = null, string type = "webauthn.get", byte flags = 0x05)
        {
            byte[] data = [.. SHA256.HashData(Encoding.UTF8.GetBytes(party)), flags, 0, 0, 0, 1];
            var client = Encoding.UTF8.GetBytes(
                $$"""{"type":"{{type}}","challenge":"{{Base64Url.EncodeToString(challenge ?? Convert.FromHexString(Hash))}}","origin":"https://{{party}}","crossOrigin":false}""");
            return new ApproverSignature
            {
                KeyId = Key(Passkey, "anna").KeyId, AuthenticatorData = Convert.ToBase64String(data), ClientData = Convert.ToBase64String(client),
                Signature = Convert.ToBase64String(SignByPasskey((byte[])[.. data, .. SHA256.HashData(client)])),
            };
        }

        private static byte[] SignByPasskey(byte[] bytes)
        {
            lock (Passkey)
            {
                return Passkey.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
            }
        }
    }
}
