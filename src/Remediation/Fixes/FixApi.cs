using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Exposure.Fixes;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Remediation.Fixes;

/// <summary>Routes of the work queue. A key holds slashes: it travels as one segment, percent-encoded.</summary>
internal static class FixApi
{
    private static readonly Role[] Speakers = [Role.Analyst, Role.Operator, Role.Approver, Role.Admin];

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/fixes", ListAsync).RequireAnyRole().WithName("ListFixes").Produces<Page<FixRow>>().WithSummary("The work queue: one row a fix, highest risk first.");
        api.MapGet("/fixes/{key}", ShowAsync).RequireAnyRole().WithName("GetFix").Produces<FixDetail>().Refuses(404).WithSummary("A fix with its assets, what blocks each, and comments.");
        api.MapPut("/fixes/{key}/assignment", AssignAsync).RequireRole(Speakers).WithName("AssignFix").Produces<FixDetail>().Refuses(404)
            .WithSummary("Says which team and person shall see to a fix.");
        api.MapPost("/fixes/{key}/comments", CommentAsync).RequireRole(Speakers).WithName("CommentFix").Produces<FixDetail>().Refuses(404).WithSummary("Adds a comment to a fix.");
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, FixBoard board, CancellationToken cancellation,
        string? environment = null, bool? kev = null, bool? critical = null, string? state = null, string? source = null, string? after = null,
        int limit = Paging.LimitDefault)
    {
        if (state is not null && !FixProgress.States.Contains(state))
        {
            return Problems.BadRequest("No such state", $"state is '{state}', wanted one of {string.Join(", ", FixProgress.States)}.");
        }
        if (after is not null && !FixBoard.IsPageKey(after))
        {
            return Problems.BadRequest("Not a page", "'after' is the 'next' of the former page; leave it out for the first.");
        }
        var query = new FixQuery { Environment = environment, Kev = kev, Critical = critical, State = state, Source = source, After = after, Limit = limit };
        return Results.Ok(await board.ListAsync(context.GetPrincipal().Scope, query, cancellation));
    }

    private static Task<IResult> ShowAsync(string key, HttpContext context, FixBoard board, CancellationToken cancellation) =>
        WithFixAsync(key, context, board, null, cancellation);

    private static async Task<IResult> AssignAsync(string key, FixAssignment assignment, HttpContext context, FixBoard board, SpeakOfFix speak, CancellationToken cancellation)
    {
        var wrong = new[] { assignment.Team, assignment.Person }
            .FirstOrDefault(name => name is not null && (string.IsNullOrWhiteSpace(name) || name.Length > RemediationLimits.AssigneeMax));
        return wrong is null
            ? await WithFixAsync(key, context, board, fix => speak.AssignAsync(context.GetPrincipal(), fix, assignment, cancellation), cancellation)
            : Problems.BadRequest("Not a name", $"A team or person has {wrong.Trim().Length} characters, wanted 1 to {RemediationLimits.AssigneeMax}, or null to clear.");
    }

    private static async Task<IResult> CommentAsync(string key, CommentRequest comment, HttpContext context, FixBoard board, SpeakOfFix speak, CancellationToken cancellation) =>
        string.IsNullOrWhiteSpace(comment.Text) || comment.Text.Length > RemediationLimits.CommentMax
            ? Problems.BadRequest("The comment is out of bounds", $"It has {comment.Text.Trim().Length} characters, wanted 1 to {RemediationLimits.CommentMax}.")
            : await WithFixAsync(key, context, board, fix => speak.CommentAsync(context.GetPrincipal(), fix, comment.Text, cancellation), cancellation);

    /// <summary>Finds the fix in the caller's scope, does the work, and answers with the fix as it is then.</summary>
    private static async Task<IResult> WithFixAsync(string key, HttpContext context, FixBoard board, Func<FixKey, Task>? work, CancellationToken cancellation)
    {
        // Routing leaves an encoded slash inside a segment as it is.
        var text = Uri.UnescapeDataString(key);
        if (!FixKey.TryParse(text, out var fix))
        {
            return Problems.BadRequest("Not a fix", $"'{text}' is no key of a fix; wanted RELEASE/SOURCE/VERSION as GET /api/v1/fixes lists it, percent-encoded.");
        }
        var scope = context.GetPrincipal().Scope;
        var found = await board.FindAsync(scope, fix, cancellation);
        if (found is null)
        {
            return Problems.NotFound("No such fix", $"No asset in your scope needs the fix {fix}. It may be done; list what is open with GET /api/v1/fixes.");
        }
        if (work is null)
        {
            return Results.Ok(found);
        }
        await work(fix);
        return Results.Ok(await board.FindAsync(scope, fix, cancellation) ?? found);
    }
}
