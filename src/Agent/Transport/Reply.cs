namespace Suture.Agent.Transport;

/// <summary>How a request to the server ended.</summary>
internal enum ReplyOutcome
{
    /// <summary>Answered as asked.</summary>
    Answered = 1,
    /// <summary>No connection, a broken one, or no answer in time: try again later.</summary>
    Unreachable = 2,
    /// <summary>The server says that it cannot now (429, 5xx): try again later.</summary>
    Busy = 3,
    /// <summary>The server refuses this agent (401, 403): expired, revoked or quarantined.</summary>
    Denied = 4,
    /// <summary>The server does not take this message (other 4xx, or an answer that cannot be understood): the same bytes will not do.</summary>
    Rejected = 5,
}

/// <summary>An answer, or why there is none.</summary>
/// <typeparam name="T">Content.</typeparam>
/// <param name="Outcome">How it ended.</param>
/// <param name="Value">Content; null unless answered.</param>
/// <param name="Detail">One sentence; empty when answered.</param>
/// <param name="RetryAfter">Not to be tried again before this, as the server says; null when it says nothing.</param>
internal readonly record struct Reply<T>(ReplyOutcome Outcome, T? Value, string Detail, TimeSpan? RetryAfter = null)
    where T : class
{
    /// <summary>True when there is content.</summary>
    public bool IsAnswered => Outcome == ReplyOutcome.Answered;
}
