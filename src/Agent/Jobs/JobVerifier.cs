using System.Security.Cryptography;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Jobs;
using Suture.Knowledge.Versions;

namespace Suture.Agent.Jobs;

/// <summary>What an envelope turned out to be.</summary>
internal enum JobVerdictKind
{
    /// <summary>Genuine, for this machine, due, well-formed and new: carry it out.</summary>
    Accepted = 1,
    /// <summary>Its id is in the journal: never again; tell its result once more if it has one.</summary>
    Known = 2,
    /// <summary>Not to be carried out.</summary>
    Refused = 3,
}

/// <summary>Verdict on one envelope.</summary>
internal sealed record JobVerdict
{
    /// <summary>What it is.</summary>
    public required JobVerdictKind Kind { get; init; }

    /// <summary>The id it claims; null when the payload could not be read, so that nothing can be answered.</summary>
    public Guid? JobId { get; init; }

    /// <summary>The payload; set only when accepted.</summary>
    public JobPayload? Payload { get; init; }

    /// <summary>Reason for programs, when refused.</summary>
    public string? Reason { get; init; }

    /// <summary>One sentence for people, when refused.</summary>
    public string? Detail { get; init; }
}

/// <summary>What an agent knows when it judges a job.</summary>
internal sealed record JobJudge
{
    /// <summary>This machine.</summary>
    public required Guid AssetId { get; init; }

    /// <summary>True: every verb but <c>report-now</c> is refused.</summary>
    public required bool ObservedOnly { get; init; }

    /// <summary>Keys that may sign: SubjectPublicKeyInfo in base64, by id.</summary>
    public required IReadOnlyDictionary<string, string> Keys { get; init; }

    /// <summary>Whether the journal has a job of this id.</summary>
    public required Func<Guid, bool> IsKnown { get; init; }

    /// <summary>What approvers must have signed; null when no signatures of theirs are demanded.</summary>
    public ApprovalDemand? Demand { get; init; }
}

/// <summary>Judges jobs. The agent obeys nobody's word, the server's included: signature, asset, time, verb and arguments are checked here, on the machine. Pure.</summary>
internal static class JobVerifier
{
    /// <summary>Judges one envelope: signature first, over the very bytes that are parsed afterwards.</summary>
    /// <param name="envelope">As received.</param>
    /// <param name="judge">What this machine knows.</param>
    /// <param name="now">The instant.</param>
    /// <returns>The verdict; anything unclear is a refusal.</returns>
    public static JobVerdict Verify(JobEnvelope envelope, JobJudge judge, DateTimeOffset now)
    {
        if (Decode(envelope.Payload, JobLimits.PayloadBytesMax) is not { } payload)
        {
            return Refuse(null, "payload-malformed", $"The payload is no base64 of at most {JobLimits.PayloadBytesMax} bytes.");
        }
        var job = Parse(payload);
        if (!IsSigned(envelope, payload, judge.Keys, out var reason, out var detail))
        {
            return Refuse(job?.JobId, reason, detail);
        }
        if (job is null)
        {
            return Refuse(null, "payload-malformed", "The payload is genuine but is no job this agent can read; is the agent too old?");
        }
        return Judge(envelope, job, judge, now);
    }

    private static JobVerdict Judge(JobEnvelope envelope, JobPayload job, JobJudge judge, DateTimeOffset now)
    {
        if (job.AssetId != judge.AssetId)
        {
            return Refuse(job.JobId, "other-asset", $"The job is for asset {job.AssetId}, this is {judge.AssetId}.");
        }
        if (judge.IsKnown(job.JobId))
        {
            return new JobVerdict { Kind = JobVerdictKind.Known, JobId = job.JobId };
        }
        if (now >= job.ExpiresUtc)
        {
            return Refuse(job.JobId, "expired", $"The job ended at {job.ExpiresUtc:O}, this machine's clock says {now:O}. Plan it again.");
        }
        if (now + JobLimits.ClockTolerance < job.NotBeforeUtc)
        {
            return Refuse(job.JobId, "not-yet", $"The job begins at {job.NotBeforeUtc:O}, this machine's clock says {now:O}. Is the clock right?");
        }
        if (judge.ObservedOnly && job.Verb != JobVerb.ReportNow)
        {
            return Refuse(job.JobId, "observed-only", "This endpoint is only observed: its own configuration refuses every change. Its administrator can change agent.json.");
        }
        if (FaultOf(job) is { } fault)
        {
            return Refuse(job.JobId, "arguments-malformed", fault);
        }
        return judge.Demand is { } demand && ApprovalGate.Refuse(envelope, job, demand, now) is var (reason, detail)
            ? Refuse(job.JobId, reason, detail)
            : new JobVerdict { Kind = JobVerdictKind.Accepted, JobId = job.JobId, Payload = job };
    }

    private static bool IsSigned(JobEnvelope envelope, byte[] payload, IReadOnlyDictionary<string, string> keys, out string reason, out string detail)
    {
        (reason, detail) = ("", "");
        if (!keys.TryGetValue(envelope.KeyId, out var stored))
        {
            (reason, detail) = ("key-unknown", "The job is signed by a key that this agent was not given when it joined.");
            return false;
        }
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(stored), out _);
            if (key.KeySize == 256 && Decode(envelope.Signature, 64) is { } signature && JobSignature.Verify(payload, signature, key))
            {
                return true;
            }
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or PlatformNotSupportedException)
        {
            (reason, detail) = ("key-unknown", "The stored signing key cannot be read; this machine must join anew.");
            return false;
        }
        (reason, detail) = ("signature-invalid", "The signature is not that of the named key over these bytes.");
        return false;
    }

    private static string? FaultOf(JobPayload job) => job.Verb switch
    {
        _ when !ArgumentGrammar.IsSha256(job.PlanHash) => "The plan's hash is not 64 lower-case hex digits.",
        JobVerb.EnsurePackage or JobVerb.RestorePackage => job.Units.Count > 0 ? "A job on packages names units." : FaultOf(job.Packages),
        JobVerb.RestartService => job.Packages.Count > 0 ? "A job on units names packages." : FaultOf(job.Units),
        JobVerb.Reboot or JobVerb.ReportNow => job.Packages.Count + job.Units.Count > 0 ? "This verb takes no arguments, but there are some." : null,
        _ => "The verb is not one of this agent's.",
    };

    private static string? FaultOf(IReadOnlyList<JobPackage> packages)
    {
        if (packages.Count is 0 or > JobLimits.PackagesMax)
        {
            return $"A job on packages names 1 to {JobLimits.PackagesMax}, this one {packages.Count}.";
        }
        if (packages.DistinctBy(package => (package.Name, package.Architecture)).Count() != packages.Count)
        {
            return "A package is named twice.";
        }
        return packages.Select((package, index) => FaultOf(package, index + 1)).FirstOrDefault(fault => fault is not null);
    }

    private static string? FaultOf(JobPackage package, int number) => package switch
    {
        _ when !ArgumentGrammar.IsPackageName(package.Name) => $"The name of package {number} is none that Debian policy allows.",
        _ when !ArgumentGrammar.IsArchitecture(package.Architecture) => $"The architecture of package {number} is none.",
        _ when !ArgumentGrammar.IsVersion(package.Version) => $"The version of package {number} is none.",
        _ when !ArgumentGrammar.IsVersion(package.MinimumVersion) => $"The minimum version of package {number} is none.",
        _ when !ArgumentGrammar.IsSha256(package.Sha256) => $"The hash of package {number} is not 64 lower-case hex digits.",
        _ when DebianVersion.Compare(package.MinimumVersion, package.Version) > 0 => $"The minimum version of package {number} is above the version to install.",
        _ => null,
    };

    private static string? FaultOf(IReadOnlyList<string> units) =>
        units.Count is 0 or > JobLimits.UnitsMax ? $"A job on units names 1 to {JobLimits.UnitsMax}, this one {units.Count}."
        : units.All(ArgumentGrammar.IsUnit) ? null
        : "A unit is not the name of a service.";

    private static JobPayload? Parse(byte[] payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, AgentMessagesJson.Default.JobPayload);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[]? Decode(string text, int bytesMax)
    {
        if (text.Length > (bytesMax + 2) / 3 * 4)
        {
            return null;
        }
        var buffer = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, buffer, out var written) && written <= bytesMax ? buffer[..written] : null;
    }

    private static JobVerdict Refuse(Guid? jobId, string reason, string detail) =>
        new() { Kind = JobVerdictKind.Refused, JobId = jobId, Reason = reason, Detail = detail };
}
