using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Approvals;
using Suture.Contracts.Jobs;

namespace Suture.Agent.State;

/// <summary>Keeps the set of approvers whose signatures this machine demands. The first it is given it takes; each later one only when enough of those it knows have signed it.</summary>
internal sealed class ApproverKeeper
{
    private readonly StateDirectory _state;
    private KeptApprovers _kept;

    /// <summary>Opens what is kept.</summary>
    /// <param name="state">State directory.</param>
    /// <exception cref="InvalidDataException">The file is there but cannot be understood: without it this machine would obey the server alone, so it does not start.</exception>
    public ApproverKeeper(StateDirectory state)
    {
        _state = state;
        _kept = state.ReadApprovers() ?? new KeptApprovers();
        if (_kept.Document is not null)
        {
            (Set, Digest) = Read(_kept.Document) is { } held
                ? held
                : throw new InvalidDataException($"The kept set of approvers in {state.Root} cannot be understood. Put the file back from a backup, or join this machine anew.");
        }
    }

    /// <summary>The set; null when none is demanded of this machine.</summary>
    public ApproverSet? Set { get; private set; }

    /// <summary>Its digest, 64 lower-case hex digits; null likewise.</summary>
    public string? Digest { get; private set; }

    /// <summary>Takes what a server offers.</summary>
    /// <param name="offered">Oldest first.</param>
    /// <returns>What was refused last, as a sentence; null when nothing was.</returns>
    /// <exception cref="IOException">It cannot be written; the one before is in force.</exception>
    public string? Take(IReadOnlyList<SignedApproverSet> offered)
    {
        string? refused = null;
        foreach (var each in offered.Take(10))
        {
            if (Read(each.Document) is not var (set, digest))
            {
                refused = "A set of approvers that the server offered cannot be read.";
            }
            else if (digest != Digest)
            {
                refused = WhyNot(set, digest, each.Signatures) ?? Keep(each.Document, set, digest);
            }
        }
        return refused;
    }

    /// <summary>Jobs of a verb that were taken on for a plan.</summary>
    /// <param name="planHash">The plan's hash.</param>
    /// <param name="verb">The verb.</param>
    public IReadOnlyList<Guid> Taken(string planHash, JobVerb verb) => [.. _kept.Taken.Where(each => each.PlanHash == planHash && each.Verb == verb).Select(each => each.JobId)];

    /// <summary>Notes, before it is begun, that a job that a plan has only once was taken on.</summary>
    /// <param name="job">The job.</param>
    /// <param name="now">The instant.</param>
    public void Note(JobPayload job, DateTimeOffset now)
    {
        if (Set is null or { Needed: 0 } || job.Verb is not (JobVerb.Reboot or JobVerb.RestartService) || Taken(job.PlanHash, job.Verb).Contains(job.JobId))
        {
            return;
        }
        var oldest = now - (2 * Jobs.ApprovalGate.PlanAgeMax); // of an older plan no job is taken on
        Write(_kept with { Taken = [.. _kept.Taken.Where(each => each.AtUtc >= oldest), new TakenJob { PlanHash = job.PlanHash, Verb = job.Verb, JobId = job.JobId, AtUtc = now }] });
    }

    private string? WhyNot(ApproverSet set, string digest, IReadOnlyList<ApproverSignature> signatures)
    {
        if (Set is not { } held)
        {
            return set.Needed == 0 ? "The server's first set of approvers demands nothing." : null;
        }
        if (set.Group == held.Group && set.Version <= held.Version)
        {
            return $"The server's set of approvers is version {set.Version} of group {set.Group}, and this machine holds version {held.Version}.";
        }
        var signed = ApproverSignature.CountHolders(signatures, Convert.FromHexString(digest), held);
        return signed >= held.Needed ? null : $"The server's new set of approvers has {signed} of the {held.Needed} signatures that those of the present one must give; the present one stays.";
    }

    private string? Keep(string document, ApproverSet set, string digest)
    {
        Write(_kept with { Document = document });
        (Set, Digest) = (set, digest);
        AgentLog.Information(7115, $"Set of approvers {set.Group} version {set.Version} taken: plans need {set.Needed} signatures; digest {digest}");
        return null;
    }

    private void Write(KeptApprovers kept)
    {
        _state.WriteApprovers(kept);
        _kept = kept;
    }

    /// <summary>Reads a set as it travels; null when it is none.</summary>
    /// <param name="document">Base64 of the set.</param>
    internal static (ApproverSet Set, string Digest)? Read(string document)
    {
        try
        {
            return new SignedApproverSet { Document = document }.ReadDocument() is { } bytes && JsonSerializer.Deserialize(bytes, AgentMessagesJson.Default.ApproverSet) is { } set && set.Fault() is null
                ? (set, Convert.ToHexStringLower(SignedApproverSet.Challenge(bytes)))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What is kept of approvals: <c>approvers.json</c>.</summary>
internal sealed record KeptApprovers
{
    /// <summary>The set's document, base64, as it was taken; null when none was.</summary>
    public string? Document { get; init; }

    /// <summary>Restarts and reboots that were taken on, of the last 60 days.</summary>
    public IReadOnlyList<TakenJob> Taken { get; set; } = [];
}

/// <summary>A job that a plan has only so often.</summary>
internal sealed record TakenJob
{
    /// <summary>Hash of the plan.</summary>
    public required string PlanHash { get; init; }

    /// <summary>Verb.</summary>
    public required JobVerb Verb { get; init; }

    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>When it was taken on.</summary>
    public required DateTimeOffset AtUtc { get; init; }
}
