using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Exposure.Fixes;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Approvals;

/// <summary>Routes of plans and jobs.</summary>
internal static class PlanApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        MapPlans(api.MapGroup("/plans").WithTags("Plans"));
        api.MapGet("/jobs", JobsAsync).RequireAnyRole().WithTags("Jobs").WithName("ListJobs").Produces<Page<JobRow>>().WithSummary("Jobs of assets in scope, newest first.");
    }

    private static void MapPlans(RouteGroupBuilder plans)
    {
        plans.MapGet("", ListAsync).RequireAnyRole().WithName("ListPlans").Produces<Page<PlanRow>>().WithSummary("Plans that change an asset in scope, newest first.");
        plans.MapGet("/{id:guid}", ShowAsync).RequireAnyRole().WithName("GetPlan").Produces<PlanDetail>().Refuses(404)
            .WithSummary("A plan as the frozen diff that an approval is bound to.");
        plans.MapPost("", AskAsync).RequireRole(Role.Analyst, Role.Operator, Role.Approver, Role.Admin)
            .WithName("AskForPlan").Produces<PlanDetail>(StatusCodes.Status201Created).Refuses(404, 409)
            .WithSummary("Asks for a plan for a fix. It waits for an approval.");
        plans.MapPost("/{id:guid}/approve", (Guid id, PlanDecisionRequest request, HttpContext context, DecideOnPlan decide, PlanDirectory directory, CancellationToken cancellation) =>
                DecideAsync(id, request, isApproval: true, context, decide, directory, cancellation))
            .RequireRole(Role.Approver).WithName("ApprovePlan").Produces<PlanDetail>().Refuses(404, 409)
            .WithSummary("Approves a plan, bound to its hash. Doing it twice changes nothing.")
            .WithDescription("Where agents demand signatures of approvers, each sends their own with their approval; the plan waits until all that are demanded are there.");
        plans.MapPost("/{id:guid}/reject", (Guid id, PlanDecisionRequest request, HttpContext context, DecideOnPlan decide, PlanDirectory directory, CancellationToken cancellation) =>
                DecideAsync(id, request, isApproval: false, context, decide, directory, cancellation))
            .RequireRole(Role.Approver).WithName("RejectPlan").Produces<PlanDetail>().Refuses(404, 409)
            .WithSummary("Rejects a plan with a reason. Doing it twice changes nothing.");
        plans.MapPost("/{id:guid}/withdraw", WithdrawAsync).RequireRole(Role.Analyst, Role.Operator, Role.Approver, Role.Admin)
            .WithName("WithdrawPlan").Produces<PlanDetail>().Refuses(404, 409)
            .WithSummary("Takes back a plan with a reason: one that waits, or of an approved one what no agent has taken. Doing it twice changes nothing.")
            .WithDescription("An approver may; who asked for the plan may while it waits. Jobs that an agent has taken are carried out: then the plan stays approved, makes no further job and ends with them.");
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, PlanDirectory plans, CancellationToken cancellation, string? state = null, Guid? asset = null, string? after = null, int limit = Paging.LimitDefault)
    {
        if (!Words.TryRead<PlanState>(state, out var wanted))
        {
            return Words.Refuse<PlanState>("state", state);
        }
        return PageProblem(after)
            ?? Results.Ok(await plans.ListAsync(context.GetPrincipal().Scope, new PlanQuery { State = wanted, Asset = asset, After = after, Limit = limit }, cancellation));
    }

    private static async Task<IResult> JobsAsync(
        HttpContext context, PlanDirectory plans, CancellationToken cancellation,
        string? state = null, Guid? asset = null, Guid? plan = null, string? after = null, int limit = Paging.LimitDefault)
    {
        if (!Words.TryRead<JobState>(state, out var wanted))
        {
            return Words.Refuse<JobState>("state", state);
        }
        return PageProblem(after)
            ?? Results.Ok(await plans.JobsAsync(context.GetPrincipal().Scope, new JobQuery { State = wanted, Asset = asset, Plan = plan, After = after, Limit = limit }, cancellation));
    }

    private static async Task<IResult> ShowAsync(Guid id, HttpContext context, PlanDirectory plans, CancellationToken cancellation) =>
        await plans.FindAsync(context.GetPrincipal().Scope, id, cancellation) is { } plan ? Results.Ok(plan) : NoPlan(id);

    private static async Task<IResult> AskAsync(PlanRequest request, HttpContext context, RequestPlan ask, PlanDirectory plans, CancellationToken cancellation)
    {
        if (!FixKey.TryParse(request.Fix, out var fix))
        {
            return Problems.BadRequest("Not a fix", $"'{request.Fix}' is no key of a fix; wanted RELEASE/SOURCE/VERSION as GET /api/v1/fixes lists it.");
        }
        if (request.Assets is { Count: 0 or > RemediationLimits.PlanAssetsMax })
        {
            return Problems.BadRequest("Assets are out of bounds", $"{request.Assets.Count} assets are named, wanted 1 to {RemediationLimits.PlanAssetsMax}, or none for all in scope.");
        }
        var principal = context.GetPrincipal();
        try
        {
            var answer = await ask.HandleAsync(principal, fix, request.Assets, cancellation);
            return answer.Outcome switch
            {
                RequestOutcome.Made when await plans.FindAsync(principal.Scope, answer.Plan, cancellation) is { } plan =>
                    Results.Created($"/api/v1/plans/{answer.Plan}", plan with { LeftOut = answer.LeftOut }),
                RequestOutcome.Impossible => Problems.Conflict("No plan can be made", answer.Detail),
                _ => Problems.NotFound("No such work", answer.Detail),
            };
        }
        catch (PlanRaceException race)
        {
            return Problems.Conflict("Another plan was faster", race.Message);
        }
    }

    private static async Task<IResult> DecideAsync(
        Guid id, PlanDecisionRequest request, bool isApproval, HttpContext context, DecideOnPlan decide, PlanDirectory plans, CancellationToken cancellation)
    {
        if (request.Reason?.Length > RemediationLimits.ReasonMax || (!isApproval && string.IsNullOrWhiteSpace(request.Reason)))
        {
            return Problems.BadRequest(
                "The reason is out of bounds", $"The reason has {request.Reason?.Trim().Length ?? 0} characters, wanted {(isApproval ? 0 : 1)} to {RemediationLimits.ReasonMax}. A rejection needs one.");
        }
        var principal = context.GetPrincipal();
        return await AnswerAsync(id, await decide.HandleAsync(principal, id, request, isApproval, cancellation), principal, plans, cancellation);
    }

    private static async Task<IResult> WithdrawAsync(
        Guid id, PlanWithdrawalRequest request, HttpContext context, WithdrawPlan withdraw, PlanDirectory plans, CancellationToken cancellation)
    {
        if (request.Reason.Length > RemediationLimits.ReasonMax || string.IsNullOrWhiteSpace(request.Reason))
        {
            return Problems.BadRequest("The reason is out of bounds", $"The reason has {request.Reason.Trim().Length} characters, wanted 1 to {RemediationLimits.ReasonMax}.");
        }
        var principal = context.GetPrincipal();
        var answer = await withdraw.HandleAsync(principal, id, request.Reason, cancellation);
        return answer.Outcome == DecisionOutcome.TooLate
            ? Problems.Conflict("Nothing of the plan can be taken back", answer.Detail)
            : await AnswerAsync(id, answer, principal, plans, cancellation);
    }

    private static async Task<IResult> AnswerAsync(
        Guid id, (DecisionOutcome Outcome, string Detail) answer, Principal principal, PlanDirectory plans, CancellationToken cancellation)
    {
        var (outcome, detail) = answer;
        return outcome switch
        {
            DecisionOutcome.Decided => Results.Ok(await plans.FindAsync(principal.Scope, id, cancellation)),
            DecisionOutcome.NotFound => NoPlan(id),
            DecisionOutcome.NotTheirs => Problems.Forbidden("Not yours to take back", detail),
            DecisionOutcome.OutsideScope => Problems.Forbidden("The plan reaches beyond your scope", detail),
            DecisionOutcome.OwnPlan => Problems.Forbidden("Nobody approves their own plan", detail),
            DecisionOutcome.NotSigned => Problems.Forbidden("The plan wants signatures", detail),
            DecisionOutcome.HashDiffers => Problems.Conflict("The plan is not the one you saw", detail),
            DecisionOutcome.AssetHeld => Problems.Conflict("An asset must not be changed", detail),
            DecisionOutcome.BodyDiffers => Problems.Conflict("The plan was tampered with", detail),
            _ => Problems.Conflict("The plan does not wait any more", detail),
        };
    }

    private static IResult NoPlan(Guid id) => Problems.NotFound("No such plan", $"Plan {id} is not known in your scope. List plans with GET /api/v1/plans.");

    private static IResult? PageProblem(string? after) =>
        after is not null && PageKey.Read(after).Id is null ? Problems.BadRequest("Not a page", "'after' is the 'next' of the former page; leave it out for the first.") : null;
}

/// <summary>Members of an enum as they stand in queries: the same words as in JSON.</summary>
internal static class Words
{
    /// <summary>False when the text is given and names no member.</summary>
    public static bool TryRead<T>(string? text, out T? value)
        where T : struct, Enum
    {
        value = null;
        if (text is null)
        {
            return true;
        }
        foreach (var member in Enum.GetValues<T>().Where(member => Of(member) == text))
        {
            value = member;
        }
        return value is not null;
    }

    public static IResult Refuse<T>(string name, string? text)
        where T : struct, Enum =>
        Problems.BadRequest($"No such {name}", $"{name} is '{text}', wanted one of {string.Join(", ", Enum.GetValues<T>().Select(Of))}.");

    public static string Of<T>(T member)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString());
}
