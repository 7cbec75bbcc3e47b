using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Suture.Agent.Jobs;
using Suture.Agent.Platforms.Linux;
using Suture.Agent.State;
using Suture.Collect;
using Suture.Collect.Apt;
using Suture.Collect.Dpkg;
using Suture.Collect.Host;
using Suture.Collect.Processes;
using Suture.Contracts;
using Suture.Contracts.Approvals;
using Suture.Contracts.Jobs;

namespace Suture.Fuzz;

/// <summary>What a server sends to an agent, and what an agent reads of its machine.</summary>
internal static class EndpointTargets
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Asset = Guid.Parse("01998888-0000-7000-8000-000000000001");
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly string PublicKey = Convert.ToBase64String(Key.ExportSubjectPublicKeyInfo());
    private static readonly ApproverSet Approvers = new() { Group = "web", Version = 1, Needed = 1, Keys = [new ApproverKey { Holder = "anna", PublicKey = PublicKey }] };
    private static readonly HashSet<string> Names = ["bash", "openssl", "libssl3"];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("poll-response", PollResponse),
        new("job", Job),
        // A job of each kind is judged by it.
        new("approved-plan", Plan) { Floor = Enum.GetValues<JobVerb>().Length * FuzzTarget.FloorDefault },
        new("approver-set", Set),
        new("journal-line", Line),
        new("apt-output", AptOutput),
        new("dpkg-status", input => Collected(() => StatusReader.Read(new MemoryStream(input, writable: false), "status"))),
        new("dpkg-file-list", input => Collected(() => FileLists.Paths(new MemoryStream(input, writable: false), "bash.list").Count())),
        new("dpkg-log", Log),
        new("apt-index", input => Collected(() => IndexReader.Read(new MemoryStream(input, writable: false), "Packages", new Wanted(Names, Names)))),
        new("apt-index-lz4", AptIndexLz4),
        new("apt-release", input => Collected(() => RepositoryRelease.Read("archive", new MemoryStream(input, writable: false)))),
        new("apt-sources", input => Collected(() => Sources(Text(input)))),
        new("os-release", input => Collected(() => OsRelease.Parse(Text(input)))),
        new("process-maps", input => Collected(() => new MapsReader().Read(new MemoryStream(input, writable: false), "maps"))),
        new("socket-table", input => Collected(() => Text(input).Split('\n').Select(line => SocketTable.Parse("tcp", line)).Count())),
    ];

    // As the agent's loop takes it: approvers, then each job.
    private static long PollResponse(byte[] input)
    {
        if (Read(input, AgentMessagesJson.Default.PollResponse) is not { } response)
        {
            return 0;
        }
        foreach (var offered in response.Approvers)
        {
            _ = ApproverKeeper.Read(offered.Document) is var (set, digest) ? ApproverSignature.CountHolders(offered.Signatures, Convert.FromHexString(digest), set) : 0;
        }
        _ = response.Checkpoint is { } given && CheckpointKeeper.IsWellFormed(given) && given.IsSignedBy(Key);
        foreach (var envelope in response.Jobs.Take(JobLimits.WaitingMax))
        {
            _ = JobVerifier.Verify(envelope, Judge(), Now);
        }
        return 0;
    }

    // A payload that the server's key signed: who holds the key may write anything into it.
    private static long Job(byte[] input)
    {
        _ = JobVerifier.Verify(Sign(input), Judge(), Now);
        return 0;
    }

    // A plan's head and, behind a zero byte, its changes, both signed by all who can: what they say is read to the end.
    private static long Plan(byte[] input)
    {
        var zero = input.AsSpan().IndexOf((byte)0);
        var (head, changes) = zero < 0 ? (input, []) : (input[..zero], input[(zero + 1)..]);
        var digest = SHA256.HashData(head);
        foreach (var verb in Enum.GetValues<JobVerb>())
        {
            var job = new JobPayload
            {
                JobId = Asset, AssetId = Asset, PlanHash = Convert.ToHexStringLower(digest), Verb = verb, NotBeforeUtc = Now, ExpiresUtc = Now.AddHours(1),
                Packages = verb is JobVerb.EnsurePackage or JobVerb.RestorePackage ? [new JobPackage { Name = "bash", Architecture = "amd64", Version = "1", MinimumVersion = "1", Sha256 = new string('a', 64) }] : [],
                Units = verb == JobVerb.RestartService ? ["nginx.service"] : [],
            };
            var envelope = Sign(JsonSerializer.SerializeToUtf8Bytes(job, ContractsJson.Default.JobPayload)) with
            {
                Plan = new ApprovedPlan { Head = Convert.ToBase64String(head), Changes = [Convert.ToBase64String(changes)] },
                ApproverSignatures = [ApproverSignature.Sign(digest, Key)],
            };
            _ = JobVerifier.Verify(envelope, Judge(), Now);
        }
        return 0;
    }

    private static long Set(byte[] input)
    {
        _ = ApproverKeeper.Read(Convert.ToBase64String(input));
        if (Read(input, AgentMessagesJson.Default.SignedApproverSet) is { } signed && ApproverKeeper.Read(signed.Document) is var (set, digest))
        {
            _ = ApproverSignature.CountHolders(signed.Signatures, Convert.FromHexString(digest), set);
        }
        return 0;
    }

    // The checksum is made to fit: it finds what a crash cut off, not what somebody wrote.
    private static long Line(byte[] input)
    {
        _ = JournalLine.Parse(input);
        _ = JournalLine.Parse([.. Encoding.ASCII.GetBytes(JournalLine.Checksum(input).ToString("x8", System.Globalization.CultureInfo.InvariantCulture)), (byte)' ', .. input]);
        return 0;
    }

    private static long AptOutput(byte[] input)
    {
        var text = Text(input);
        _ = AptSimulation.Parse(text);
        _ = AptPolicy.Origins(text, text, [new JobTarget("bash", "amd64", "5.2.15-2+b2")]);
        return 0;
    }

    private static long Log(byte[] input)
    {
        var found = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var line in Text(input).Split('\n'))
        {
            PackageHistory.TakeLine(line, Names, found);
            if (line.Contains(" upgrade ", StringComparison.Ordinal) || line.Contains(" install ", StringComparison.Ordinal))
            {
                PackageHistory.TakeStep(line, [], []);
            }
        }
        return 0;
    }

    private static long AptIndexLz4(byte[] input)
    {
        var unpacked = 0L;
        Collected(() =>
        {
            using var stream = new IndexFile("/Packages.lz4", "Packages", ".lz4").Unpack(new MemoryStream(input, writable: false));
            return unpacked = Unpacked.Count(stream, 16 << 20);
        });
        return unpacked;
    }

    private static int Sources(string text) =>
        SourcesList.ParseLines(text).Concat(SourcesList.ParseStanzas(text)).Count(repository => SourcesList.IsDistribution(repository, "bookworm"));

    private static JobJudge Judge() => new()
    {
        AssetId = Asset, ObservedOnly = false, Keys = new Dictionary<string, string> { ["k1"] = PublicKey }, IsKnown = _ => false,
        Demand = new ApprovalDemand { Set = Approvers, Taken = (_, _) => [], OutdatedUnits = () => new HashSet<string>() },
    };

    private static JobEnvelope Sign(byte[] payload) =>
        new() { KeyId = "k1", Payload = Convert.ToBase64String(payload), Signature = Convert.ToBase64String(JobSignature.Sign(payload, Key)) };

    private static T? Read<T>(byte[] input, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(input, type);
        }
        catch (JsonException)
        {
            return null; // as the agent's client answers
        }
    }

    // A reader of the machine may say that it cannot read; the collector becomes a failure in the report.
    private static long Collected<T>(Func<T> read)
    {
        try
        {
            _ = read();
        }
        catch (Exception fault) when (fault is CollectException or IOException or InvalidDataException)
        {
            // What it answers.
        }
        return 0;
    }

    private static string Text(byte[] input) => Encoding.UTF8.GetString(input);
}
