using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;
using Suture.Platform.Api;
using Suture.Platform.Identity;

namespace Suture.Remediation.Policies;

/// <summary>Routes of the policy.</summary>
internal static class PolicyApi
{
    /// <summary>Faults named in the text of a refusal; the list of faults itself holds all.</summary>
    private const int FaultsInDetail = 5;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/policy", ShowAsync).RequireAnyRole().WithName("GetPolicy").Produces<PolicyDocument>()
            .WithSummary("The policy in force, as its YAML text with its digest.");
        api.MapPut("/policy", ApplyAsync).RequireRole(Role.Admin).RequireAllGroups("The policy")
            .WithName("ApplyPolicy").Produces<PolicyDocument>().Refuses(422)
            .WithSummary("Puts a policy in force. A faulty one is refused with all its faults, and the policy in force stays.");
        api.MapPost("/policy/check", Check).RequireAnyRole().WithName("CheckPolicy").Produces<PolicyCheckResult>()
            .WithSummary("All faults of a policy document; nothing is written.");
    }

    private static async Task<IResult> ShowAsync(PolicyStore policies, CancellationToken cancellation) =>
        Results.Ok(Show(await policies.InForceAsync(cancellation)));

    private static async Task<IResult> ApplyAsync(PolicyDocument document, HttpContext context, PolicyStore policies, CancellationToken cancellation)
    {
        var (policy, faults) = ReadPolicy.From(document.Yaml);
        return policy is null
            ? Refuse(faults)
            : Results.Ok(Show(await policies.ApplyAsync(policy, document.Yaml, context.GetPrincipal().Actor, cancellation)));
    }

    private static IResult Check(PolicyDocument document) => Results.Ok(new PolicyCheckResult { Faults = ReadPolicy.From(document.Yaml).Faults });

    /// <summary>All faults, by their path; each with line, column, value and remedy.</summary>
    private static IResult Refuse(IReadOnlyList<PolicyFault> faults)
    {
        var errors = faults
            .GroupBy(fault => fault.Path.Length == 0 ? "document" : fault.Path, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Select(Sentence).ToArray());
        var named = string.Join("; ", faults.Take(FaultsInDetail).Select(fault => $"{fault.Path} {Sentence(fault)}"));
        return Problems.Of(
            StatusCodes.Status422UnprocessableEntity,
            $"The policy has {faults.Count} {(faults.Count == 1 ? "fault" : "faults")}; the one in force stays",
            named,
            errors);
    }

    private static string Sentence(PolicyFault fault) => $"line {fault.Line}, column {fault.Column}: '{fault.Value}': {fault.Remedy}";

    private static PolicyDocument Show(StoredPolicy stored) =>
        new() { Yaml = stored.Yaml, Digest = stored.Policy.Digest, AppliedUtc = stored.AppliedUtc };
}
