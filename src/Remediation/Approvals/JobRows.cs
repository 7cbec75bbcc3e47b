using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Platform.Storage;

namespace Suture.Remediation;

/// <summary>Jobs with their assets' names.</summary>
internal sealed record JobRows
{
    public Guid Id { get; init; }
    public Guid? PlanId { get; init; }
    public Guid AssetId { get; init; }
    public string AssetName { get; init; } = "";
    public JobVerb Verb { get; init; }
    public string Title { get; init; } = "";
    public JobState State { get; init; }
    public DateTimeOffset CreatedUs { get; init; }
    public DateTimeOffset NotBeforeUs { get; init; }
    public DateTimeOffset ExpiresUs { get; init; }
    public DateTimeOffset? LeasedUs { get; init; }
    public string? Result { get; init; }
    public string? Evidence { get; init; }
    public Guid? EvidenceReport { get; init; }

    /// <param name="session">A session.</param>
    /// <param name="condition">On <c>j</c> (job) and <c>a</c> (asset).</param>
    /// <param name="parameters">Of the condition, and <c>most</c>.</param>
    /// <param name="order">Order.</param>
    public static Task<IReadOnlyList<JobRows>> ListAsync(StoreSession session, string condition, object parameters, string order) =>
        session.QueryAsync<JobRows>(
            $"""
            select j.id, j.plan_id, j.asset_id, a.name as asset_name, j.verb, j.title, j.state, j.created_us, j.not_before_us, j.expires_us, j.leased_us, j.result, j.evidence, j.evidence_report
            from remediation_job j join inventory_asset_v a on a.id = j.asset_id
            where {condition} order by {order} limit @most
            """,
            parameters);

    public JobRow Show() => new()
    {
        Id = Id,
        Plan = PlanId,
        Asset = AssetId,
        AssetName = AssetName,
        Verb = Verb,
        Title = Title,
        State = State,
        CreatedUtc = CreatedUs,
        NotBeforeUtc = NotBeforeUs,
        ExpiresUtc = ExpiresUs,
        LeasedUtc = LeasedUs,
        Result = Result is null ? null : JsonSerializer.Deserialize(Result, ContractsJson.Default.JobResult),
        Evidence = Evidence,
        EvidenceReport = EvidenceReport,
    };
}
