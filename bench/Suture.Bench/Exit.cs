namespace Suture.Bench;

/// <summary>Exit codes, the same for every benchmark.</summary>
internal static class Exit
{
    /// <summary>Measured; every bar holds.</summary>
    public const int Holds = 0;

    /// <summary>Measured; some bar does not hold.</summary>
    public const int Missed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>It could not be measured.</summary>
    public const int Failure = 3;
}

/// <summary>Why something could not be measured: the thing, the value seen, the value wanted, the next step.</summary>
internal sealed class BenchException(string message, Exception? inner = null) : Exception(message, inner);
