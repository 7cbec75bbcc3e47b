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

    public static void Map(IEndpointRouteBuilder agents)
    {
        agents.MapPost(AgentPaths.Poll, PollAsync).RequireAgent();
        agents.MapPost(AgentPaths.Result, ResultAsync).RequireAgent();
    }

    private static async Task<IResult> PollAsync(
        PollRequest poll, HttpContext context, OfferJobs offers, AssetDirectory assets, TimeProvider time, CancellationToken cancellation)
    {
        if (WhyNot(poll) is { } refusal)
        {
            return refusal;
        }
        var asset = context.GetAgent().AssetId;
        await assets.TouchAsync(asset, time.GetUtcNow());
        return Results.Ok(await offers.PollAsync(asset, poll, cancellation));
    }

    /// <summary>What is out of bounds in a poll; null when nothing is.</summary>
    internal static IResult? WhyNot(PollRequest poll)
    {
        if (poll.BootId.Length is 0 or > BootIdMax || poll.WaitSeconds < 0 || poll.WaitSeconds > RemediationLimits.PollWaitMax.TotalSeconds || poll.Working.Count > RemediationLimits.WorkingMax)
        {
            return Problems.BadRequest(
                "The poll is out of bounds",
                $"bootId has {poll.BootId.Length} characters (wanted 1 to {BootIdMax}), waitSeconds is {poll.WaitSeconds} (0 to {RemediationLimits.PollWaitMax.TotalSeconds}), "
                + $"working has {poll.Working.Count} jobs (at most {RemediationLimits.WorkingMax}).");
        }
        if (poll.Approvers is { } held && (held.Length != 64 || !held.All(char.IsAsciiHexDigitLower)))
        {
            return Problems.BadRequest("The poll is out of bounds", "approvers is the digest of a set of approvers: 64 lower-case hex digits, or left out.");
        }
        return null;
    }

    private static async Task<IResult> ResultAsync(JobResult result, HttpContext context, TakeResult results, CancellationToken cancellation) =>
        WhyNot(result) ?? Answer(await results.HandleAsync(context.GetAgent().AssetId, result, cancellation), result.JobId);

    /// <summary>What is out of bounds in a result; null when nothing is.</summary>
    internal static IResult? WhyNot(JobResult result)
    {
        if (!Enum.IsDefined(result.Outcome) || result.Reason?.Length > ReasonMax || result.Detail?.Length > RemediationLimits.ResultDetailMax
            || result.Changes.Count > RemediationLimits.ResultChangesMax || result.Unapproved.Count > RemediationLimits.JobPackagesMax || result.EndedUtc < result.StartedUtc)
        {
            return Problems.BadRequest(
                "The result is out of bounds",
                $"outcome {result.Outcome} must be a known one, reason at most {ReasonMax} characters, detail at most {RemediationLimits.ResultDetailMax}, "
                + $"changes at most {RemediationLimits.ResultChangesMax}, unapproved at most {RemediationLimits.JobPackagesMax}, endedUtc not before startedUtc.");
        }
        return null;
    }

    /// <summary>What the agent is told. It sends a result again after 503, and never again after any refusal of the 4xx kind.</summary>
    internal static IResult Answer(ResultTaken taken, Guid job) => taken switch
    {
        ResultTaken.NotYours => Problems.NotFound("No such job of this asset", $"Job {job} is not known for the asset of this certificate. Forget it."),
        ResultTaken.Busy => Problems.Of(StatusCodes.Status503ServiceUnavailable, "The job is busy", $"Others move job {job} at this moment; nothing was written. Send the result again."),
        _ => Results.NoContent(),
    };
}
