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

    public string? Etag { get; init; }

    public string? LastModified { get; init; }

    public DateTimeOffset? AttemptedUs { get; init; }

    public DateTimeOffset? SucceededUs { get; init; }

    /// <summary>Why the last try was refused or could not be made; null when it went well.</summary>
    public string? Problem { get; init; }

    /// <summary>True when nothing was refused: the address could not be read.</summary>
    internal bool IsUnreachable => Problem?.StartsWith(NotFetched, StringComparison.Ordinal) == true;

    /// <summary>True for a suite of the distribution's archive.</summary>
    internal bool IsSuite => Name.StartsWith(Knowledge.Feeds.FeedNames.DebianArchive + "/", StringComparison.Ordinal);

    /// <summary>What is recorded of a fault: content that was refused speaks for itself, else nothing was fetched.</summary>
    internal static string ProblemOf(Exception fault) => fault is InvalidDataException ? fault.Message : NotFetched + fault.Message;

    /// <summary>For a signed suite: when what is in force was signed.</summary>
    internal DateTimeOffset? SignedUtc =>
        IsSuite && ContentVersion is { } text && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var instant) ? instant : null;
}
