using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;

namespace Suture.Cli.Approvals;

/// <summary>A plan as the bytes say that its hash is over: what an approver sees and signs does not rest on the server's word.</summary>
internal static class CheckedPlan
{
    /// <summary>Works the hash out again and takes changes and clauses from what it is over.</summary>
    /// <param name="detail">The server's answer.</param>
    /// <param name="asked">The plan that was asked for.</param>
    /// <returns>The same plan with changes and clauses as hashed; what the server adds of its own (counts, risk, state) stays its word.</returns>
    /// <exception cref="CliException">The server shows another plan than it wants signed.</exception>
    public static PlanDetail Of(PlanDetail detail, Guid asked)
    {
        if (detail.ToSign is not { } sent)
        {
            throw new CliException(Exit.Failure, detail.Signatures.Count == 0
                ? "No agent of this plan's assets demands a signature. Approve it without --key."
                : "The plan does not wait for a signature any more, or reaches beyond your scope. Look at it with 'plan show'.");
        }
        if (sent.ReadHead() is not { } headBytes || ApprovedPlan.Digest(headBytes) != detail.Plan.Hash || Read(headBytes, ContractsJson.Default.PlanHead) is not { Schema: 2 } head || head.Plan != asked)
        {
            throw Lies("the bytes of its head do not have its hash");
        }
        var all = new List<PlanChange>();
        var digests = new List<string>();
        for (var index = 0; index < sent.Changes.Count; index++)
        {
            if (sent.ReadChanges(index) is not { } bytes || Read(bytes, ContractsJson.Default.AssetChanges) is not { } changes || changes.Changes.Any(change => change.Asset != changes.Asset))
            {
                throw Lies("the changes of an asset cannot be read");
            }
            digests.Add(ApprovedPlan.Digest(bytes));
            all.AddRange(changes.Changes);
        }
        return digests.SequenceEqual(head.Assets)
            ? detail with { Changes = all, Clauses = PlanClauses.Of(head.RestartsServices, head.AllowsReboot, head.Window), Plan = detail.Plan with { Title = "Plan to sign", Author = head.Author, Rule = head.Rule } }
            : throw Lies("the changes are not those that its hash is over");
    }

    private static CliException Lies(string what) =>
        new(Exit.Failure, $"The server shows a plan and wants another one signed: {what}. Nothing was signed. Do not approve; tell who runs the server.");

    private static T? Read<T>(byte[] bytes, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
