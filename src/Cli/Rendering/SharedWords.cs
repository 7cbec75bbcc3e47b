using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>What all rows of the queue have in common: said once above them instead of in each.</summary>
internal sealed record SharedWords
{
    public static SharedWords None { get; } = new();

    /// <summary>True when a sentence says when they are due, or none is due.</summary>
    public bool HasDue { get; private init; }

    /// <summary>True when a sentence says where the fixes are.</summary>
    public bool HasAssets { get; private init; }

    /// <summary>True when a sentence says state, turn, and what blocks.</summary>
    public bool HasState { get; private init; }

    /// <summary>The sentences.</summary>
    public List<string> Sentences { get; } = [];

    public static SharedWords Of(IReadOnlyList<FixRow> rows, DateTimeOffset now)
    {
        var (due, assets) = (Same(rows, row => FixesText.Due(row.Deadline)), Same(rows, FixesText.Assets));
        var state = Same(rows, row => $"{row.State}\n{row.Blocked}\n{row.Turn}");
        var words = new SharedWords { HasDue = due, HasAssets = assets, HasState = state };
        if (due && rows[0].Deadline is { } deadline)
        {
            words.Sentences.Add($"Each is due {FixesText.Due(deadline)}.");
        }
        if (assets)
        {
            words.Sentences.Add($"Each concerns {FixesText.Assets(rows[0])} {(rows[0].Assets.Values.Sum() == 1 ? "asset" : "assets")}.");
        }
        if (state)
        {
            var first = rows[0];
            var oldest = rows.MinBy(row => row.TurnSinceUtc)!;
            words.Sentences.Add($"All: {FixesText.State(first)} (turn: {FixesText.TurnOf(oldest, now)}){(first.Blocked is { } why ? $": {TextLines.Plain(why)}" : "")}.");
        }
        return words;
    }

    private static bool Same(IReadOnlyList<FixRow> rows, Func<FixRow, string> words) => rows.All(row => words(row) == words(rows[0]));
}
