using System.Globalization;
using Suture.Contracts.Api;

namespace Suture.Advisories;

/// <summary>What is recorded of a feed.</summary>
internal sealed record FeedState
{
    private const string NotFetched = "could not be fetched: ";

    public required string Name { get; init; }

    public string? Url { get; init; }

    public int Records { get; init; }

    /// <summary>ISO day of the content as the publisher states it.</summary>
    public string? ContentDay { get; init; }

    /// <summary>Version of the publisher's model; for a signed suite the instant of its signature.</summary>
    public string? ContentVersion { get; init; }

    /// <summary>Digest of the compiled content; null for a suite of the archive, and before anything was taken.</summary>
    public string? Digest { get; init; }

    public DateTimeOffset? AttemptedUs { get; init; }

    public DateTimeOffset? SucceededUs { get; init; }

    /// <summary>Why the last try was refused or could not be made; null when it went well.</summary>
    public string? Problem { get; init; }

    /// <summary>True when nothing was refused: the address could not be read.</summary>
    internal bool IsUnreachable => IsNotFetched(Problem);

    /// <summary>True for a suite of the distribution's archive.</summary>
    internal bool IsSuite => Name.StartsWith(Knowledge.Feeds.FeedNames.DebianArchive + "/", StringComparison.Ordinal);

    /// <summary>What is recorded of a fault: content that was refused speaks for itself, else nothing was fetched.</summary>
    internal static string ProblemOf(Exception fault) => fault is InvalidDataException ? fault.Message : NotFetched + fault.Message;

    /// <summary>True for a problem that only says that nothing came.</summary>
    internal static bool IsNotFetched(string? problem) => problem?.StartsWith(NotFetched, StringComparison.Ordinal) == true;

    /// <summary>As answers show it.</summary>
    internal FeedRow ToRow() => new()
    {
        Feed = Name,
        Url = Url,
        Records = Records,
        ContentDate = ContentDay is null ? null : DateOnly.ParseExact(ContentDay, "O", CultureInfo.InvariantCulture),
        LastSuccessUtc = SucceededUs,
        LastAttemptUtc = AttemptedUs,
        Problem = Problem,
        IsUnreachable = IsUnreachable,
        Version = SignedUtc is null ? ContentVersion : null,
    };

    /// <summary>For a signed suite: when what is in force was signed.</summary>
    internal DateTimeOffset? SignedUtc =>
        IsSuite && ContentVersion is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var instant) ? instant : null;
}
