using Suture.Contracts.Api;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Intelligence;

namespace Suture.Advisories;

/// <summary>The one snapshot of all feeds that matching and ranking read. Safe for any number of readers; a reader takes <see cref="Current"/> once an operation.</summary>
/// <remarks>The last known good is put in force before the server's hosted services start; every later <see cref="Replace"/> goes with a work item
/// <see cref="AdvisoriesWork.FeedsChanged"/>.</remarks>
public sealed class FeedsInForce
{
    private FeedSnapshot _current = new NoFeeds();

    /// <summary>The snapshot in force. Before any was read: one that covers no release, so that everything is unknown, never fine.</summary>
    public FeedSnapshot Current => Volatile.Read(ref _current);

    /// <summary>Puts another snapshot in force. Readers that hold the old one go on with it.</summary>
    /// <param name="snapshot">A complete, validated snapshot.</param>
    public void Replace(FeedSnapshot snapshot) => Volatile.Write(ref _current, snapshot);

    private sealed class NoFeeds : FeedSnapshot
    {
        public override string Digest { get; } = new('0', 64);

        public override IReadOnlyList<FeedAge> Feeds => [];

        public override IReadOnlyList<string> Releases => [];

        public override bool Covers(string release) => false;

        public override IReadOnlyList<SourceFix> FixesOf(string release, string source) => [];

        public override IReadOnlyList<string> SourcesOf(string release) => [];

        public override Vulnerability Find(string vulnerability) => new() { Id = vulnerability };
    }
}
