using Suture.Exposure.Findings;
using Suture.Inventory;
using Suture.Remediation.Planning;

namespace Suture.Remediation.Policies;

/// <summary>The policy in force, for stages that report by it.</summary>
public sealed class PolicyRules
{
    private readonly PolicyStore _policies;

    internal PolicyRules(PolicyStore policies) => _policies = policies;

    /// <summary>The rules in force now.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<RulesInForce> InForceAsync(CancellationToken cancellation) => new((await _policies.InForceAsync(cancellation)).Policy);
}

/// <summary>Rules of one policy. Immutable.</summary>
public sealed class RulesInForce
{
    private readonly Policy _policy;

    internal RulesInForce(Policy policy) => _policy = policy;

    /// <summary>Name of the policy.</summary>
    public string PolicyName => _policy.Name;

    /// <summary>The rule that decides on each fix of an asset, as planning asks for it.</summary>
    /// <param name="asset">The asset as it is now: environment and group count.</param>
    /// <param name="exposure">Its exposure.</param>
    /// <returns>Names of rules by source package; null where no rule matches, so that a person decides. Empty when the release is not known.</returns>
    public IReadOnlyDictionary<string, string?> OfFixes(AssetRecord asset, AssetExposure exposure) =>
        BuildWork.Questions(PlanInputs.Of(asset, exposure, []))
            .ToDictionary(question => question.Source, question => EvaluatePolicy.Of(_policy, question)?.Name, StringComparer.Ordinal);
}
