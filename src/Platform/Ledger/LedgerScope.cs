namespace Suture.Platform.Ledger;

/// <summary>Whose a fact of the ledger is. A reader sees the rows of the groups in its scope; one with all groups sees every row.</summary>
public sealed record LedgerScope
{
    private LedgerScope(IReadOnlyList<Guid?> groups) => Groups = groups;

    /// <summary>Of the whole installation and of no group: users, tokens, groups, feeds, the policy, the server itself.</summary>
    public static LedgerScope Installation { get; } = new([null]);

    /// <summary>One row each; null for the whole installation.</summary>
    internal IReadOnlyList<Guid?> Groups { get; }

    /// <summary>Of the group that the asset is in when the fact is written.</summary>
    /// <param name="group">Group id.</param>
    public static LedgerScope Of(Guid group) => new([group]);

    /// <summary>Of several groups: the fact has a row for each, with the same detail, which must be for all of them to read.</summary>
    /// <param name="groups">Group ids; repetitions count once. None: the whole installation's, so that the fact is not lost and nobody reads too much.</param>
    public static LedgerScope OfEach(IEnumerable<Guid> groups) => groups.Distinct().Select(group => (Guid?)group).ToList() is { Count: > 0 } some ? new(some) : Installation;
}
