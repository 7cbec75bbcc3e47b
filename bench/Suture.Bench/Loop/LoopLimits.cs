namespace Suture.Bench.Loop;

/// <summary>Bars, waits and bounds of <c>bench loop</c>.</summary>
internal static class LoopLimits
{
    /// <summary>Bar: a report's findings are readable, 99th percentile.</summary>
    public static readonly TimeSpan ReportBar = TimeSpan.FromSeconds(5);

    /// <summary>Bar: the plans for a new KEV entry wait, longest.</summary>
    public static readonly TimeSpan KevBar = TimeSpan.FromSeconds(60);

    /// <summary>A report whose findings are not readable after this counts as an error.</summary>
    public static readonly TimeSpan ReportWait = TimeSpan.FromSeconds(30);

    /// <summary>A KEV entry whose plans do not wait after this counts as an error.</summary>
    public static readonly TimeSpan KevWait = TimeSpan.FromSeconds(180);

    /// <summary>Pause between two looks at an endpoint's findings.</summary>
    public static readonly TimeSpan FindingsPoll = TimeSpan.FromMilliseconds(10);

    /// <summary>Pause between two looks at the plans.</summary>
    public static readonly TimeSpan PlansPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest that the server may take to answer first, or to finish the work that waits.</summary>
    public static readonly TimeSpan ServerWait = TimeSpan.FromSeconds(180);

    /// <summary>Longest that the server, once it answers, may take to print the one-time sign-in.</summary>
    public static readonly TimeSpan SignInWait = TimeSpan.FromSeconds(60);

    /// <summary>Pause between two looks at the server's state.</summary>
    public static readonly TimeSpan ServerPoll = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest of any one request, an import of large feeds included.</summary>
    public static readonly TimeSpan Request = TimeSpan.FromSeconds(180);

    /// <summary>Enrolments in one minute of the clock; the server allows 60 from one address.</summary>
    public const int EnrollmentsAMinute = 50;

    /// <summary>Errors told in words; the others are counted.</summary>
    public const int ErrorsToldMax = 10;

    /// <summary>Last lines of the server's output that are kept for a message.</summary>
    public const int ServerLinesMax = 200;

    /// <summary>Bytes of one answer.</summary>
    public const int AnswerBytesMax = 16 * 1024 * 1024;
}
