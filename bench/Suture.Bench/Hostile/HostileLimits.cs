namespace Suture.Bench.Hostile;

/// <summary>Bars, waits and bounds of <c>bench hostile</c>.</summary>
internal static class HostileLimits
{
    /// <summary>Bar: every answer to the hostile agent comes within this.</summary>
    public static readonly TimeSpan AnswerBar = TimeSpan.FromSeconds(1);

    /// <summary>Bar: the server's resident memory grows by at most so many bytes over what it had before the attack, at its peak.</summary>
    public const long GrowthBar = 64L * 1024 * 1024;

    /// <summary>Bar: the others' 99th percentile during an attack stays below so many times that of the quiet baseline.</summary>
    public const double RatioBar = 2;

    /// <summary>Longest wait for an answer; then it counts as none.</summary>
    public static readonly TimeSpan AnswerWait = TimeSpan.FromSeconds(20);

    /// <summary>Wait of an honest agent's poll at the server.</summary>
    public const int PollWaitSeconds = 30;

    /// <summary>Longest that the server's memory is waited for to settle before an attack.</summary>
    public static readonly TimeSpan SettleWait = TimeSpan.FromSeconds(30);

    /// <summary>Pause between two looks at the server's memory while it settles.</summary>
    public static readonly TimeSpan SettlePoll = TimeSpan.FromSeconds(1);

    /// <summary>Memory counts as settled when so many looks in a row differ by no more than <see cref="SettledBytes"/>.</summary>
    public const int SettledLooks = 4;

    /// <summary>See <see cref="SettledLooks"/>.</summary>
    public const long SettledBytes = 2L * 1024 * 1024;

    /// <summary>Tries to have a message looked at that was answered only with "too many" during its attack.</summary>
    public const int ProbesMax = 20;

    /// <summary>Longest that a probe waits because the server asked for it.</summary>
    public static readonly TimeSpan ProbeWaitMax = TimeSpan.FromSeconds(60);
}
