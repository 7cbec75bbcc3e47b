using Suture.Contracts.Api;

namespace Suture.Exposure;

/// <summary>Steps that a later stage adds to an explanation: plan, job, evidence.</summary>
public interface IExplainMore
{
    /// <summary>What the stage knows of one vulnerability on one asset.</summary>
    /// <param name="assetId">An asset in the caller's scope.</param>
    /// <param name="vulnerability">CVE or unrated id.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Steps in order; empty when there is nothing to say.</returns>
    Task<IReadOnlyList<ExplanationStep>> StepsAsync(Guid assetId, string vulnerability, CancellationToken cancellation);
}
