using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts;
using Suture.Contracts.Jobs;
using Suture.Inventory;
using Suture.Platform.Api;

namespace Suture.Remediation.Dispatch;

/// <summary>Routes of the agents' port: poll and result.</summary>
internal static class AgentApi
{
    private const int BootIdMax = 128;
    private const int ReasonMax = 100;

    // As in a report.
    private static readonly SearchValues<char> BootIdCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:+-");

    internal static readonly AgentBodyBounds PollBounds = new()
    {
        WireBytes = RemediationLimits.PollBytesMax, Bytes = RemediationLimits.PollBytesMax, Members = RemediationLimits.MessageMembersMax,
    };

    internal static readonly AgentBodyBounds ResultBounds = new()
    {
        WireBytes = RemediationLimits.ResultBytesMax, Bytes = RemediationLimits.ResultBytesMax, Members = RemediationLimits.MessageMembersMax,
    };

    public static void Map(IEndpointRouteBuilder agents)
    {
        agents.MapPost(AgentPaths.Poll, PollAsync).RequireAgent();
        agents.MapPost(AgentPaths.Result, ResultAsync).RequireAgent();
    }

    private static async Task<IResult> PollAsync(HttpContext context, OfferJobs offers, AssetDirectory assets, TimeProvider time, CancellationToken cancellation)
    {
        var (poll, fault) = await AgentBody.ReadAsync(context, PollBounds, ContractsJson.Default.PollRequest, cancellation);
        if ((poll is null ? fault : WhyNot(poll)) is { } refusal)
        {
            return refusal;
        }
        var asset = context.GetAgent().AssetId;
        await assets.TouchAsync(asset, time.GetUtcNow());
        return Results.Ok(await offers.PollAsync(asset, poll!, cancellation));
    }

    /// <summary>What is out of bounds in a poll; null when nothing is.</summary>
    internal static IResult? WhyNot(PollRequest poll)
    {
        if (poll.BootId.Length is 0 or > BootIdMax || poll.BootId.AsSpan().ContainsAnyExcept(BootIdCharacters) || poll.WaitSeconds < 0 || poll.WaitSeconds > RemediationLimits.PollWaitMax.TotalSeconds || poll.Working.Count > RemediationLimits.WorkingMax)
        {
            return Problems.BadRequest(
                "The poll is out of bounds",
                $"bootId has {poll.BootId.Length} characters (wanted 1 to {BootIdMax} of letters, digits and . _ : + -), waitSeconds is {poll.WaitSeconds} (0 to {RemediationLimits.PollWaitMax.TotalSeconds}), "
                + $"working has {poll.Working.Count} jobs (at most {RemediationLimits.WorkingMax}).");
        }
        if (poll.Approvers is { } held && (held.Length != 64 || !held.All(char.IsAsciiHexDigitLower)))
        {
            return Problems.BadRequest("The poll is out of bounds", "approvers is the digest of a set of approvers: 64 lower-case hex digits, or left out.");
        }
        return null;
    }

    private static async Task<IResult> ResultAsync(HttpContext context, TakeResult results, CancellationToken cancellation)
    {
        var (result, fault) = await AgentBody.ReadAsync(context, ResultBounds, ContractsJson.Default.JobResult, cancellation);
        return (result is null ? fault : WhyNot(result)) ?? Answer(await results.HandleAsync(context.GetAgent().AssetId, result!, cancellation), result!.JobId);
    }

    /// <summary>What is out of bounds in a result; null when nothing is.</summary>
    internal static IResult? WhyNot(JobResult result)
    {
        if (!Enum.IsDefined(result.Outcome) || result.Reason?.Length > ReasonMax || result.Detail?.Length > RemediationLimits.ResultDetailMax
            || result.Changes.Count > RemediationLimits.ResultChangesMax || result.Unapproved.Count > RemediationLimits.JobPackagesMax || result.EndedUtc < result.StartedUtc
            || !IsStorable(result.Reason) || !IsStorable(result.Detail) || !result.Changes.Concat(result.Unapproved).All(IsGood))
        {
            return Problems.BadRequest(
                "The result is out of bounds",
                $"outcome {result.Outcome} must be a known one, reason at most {ReasonMax} characters, detail at most {RemediationLimits.ResultDetailMax}, "
                + $"changes at most {RemediationLimits.ResultChangesMax}, unapproved at most {RemediationLimits.JobPackagesMax}, "
                + $"each with a package and versions of at most {RemediationLimits.ChangeNameMax} characters, endedUtc not before startedUtc, and no text with U+0000.");
        }
        return null;
    }

    private static bool IsStorable(string? text) => text?.Contains('\0', StringComparison.Ordinal) != true;

    // Annotations of element types are not checked by the reader: a null gets here.
    private static bool IsGood(PackageChange? change) =>
        change is not null && IsName(change.Package) && (change.From is null || IsName(change.From)) && (change.To is null || IsName(change.To));

    private static bool IsName(string text) => text.Length <= RemediationLimits.ChangeNameMax && IsStorable(text);

    /// <summary>What the agent is told. It sends a result again after 503, and never again after any refusal of the 4xx kind.</summary>
    internal static IResult Answer(ResultTaken taken, Guid job) => taken switch
    {
        ResultTaken.NotYours => Problems.NotFound("No such job of this asset", $"Job {job} is not known for the asset of this certificate. Forget it."),
        ResultTaken.Busy => Problems.Of(StatusCodes.Status503ServiceUnavailable, "The job is busy", $"Others move job {job} at this moment; nothing was written. Send the result again."),
        _ => Results.NoContent(),
    };
}
