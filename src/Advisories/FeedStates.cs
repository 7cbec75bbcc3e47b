using Suture.Knowledge.Feeds;

namespace Suture.Advisories;

/// <summary>Puts together what is known of each feed from several places. Pure.</summary>
internal static class FeedStates
{
    /// <summary>One state a feed, ordered by name.</summary>
    /// <param name="states">What is recorded of feeds.</param>
    /// <param name="sources">What is recorded of the addresses they are fetched from.</param>
    /// <param name="damage">Kept files that are damaged on the disk.</param>
    internal static IReadOnlyList<FeedState> Put(IReadOnlyList<FeedState> states, IReadOnlyList<SourceState> sources, IReadOnlyList<FeedFault> damage)
    {
        var names = states.Select(state => state.Name).Concat(sources.Select(source => source.Feed)).Concat(damage.Select(fault => fault.Feed));
        return [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => Put(
            states.FirstOrDefault(state => state.Name == name) ?? new FeedState { Name = name },
            [.. sources.Where(source => source.Feed == name)],
            damage.FirstOrDefault(fault => fault.Feed == name)))];
    }

    private static FeedState Put(FeedState state, IReadOnlyList<SourceState> sources, FeedFault? damage)
    {
        var problems = new[] { damage?.ToString(), state.Problem }.Concat(sources.Select(source => source.Problem)).OfType<string>().Distinct()
            // What was refused says more than what could not be fetched.
            .OrderBy(FeedState.IsNotFetched).ToList();
        return state with
        {
            Url = sources.Count > 0 ? string.Join(' ', sources.Select(source => source.Url)) : state.Url,
            AttemptedUs = sources.Select(source => source.AttemptedUs).Append(state.AttemptedUs).Max(),
            Problem = problems.Count > 0 ? string.Join("; ", problems) : null,
        };
    }
}
