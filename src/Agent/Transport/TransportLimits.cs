namespace Suture.Agent.Transport;

/// <summary>Bounds of what crosses the wire.</summary>
internal static class TransportLimits
{
    /// <summary>Most bytes of an answer (ten jobs of 64 KiB in base64, and room).</summary>
    public const int AnswerBytesMax = 2 * 1024 * 1024;

    /// <summary>Longest a long poll waits at the server; spread between <see cref="PollSecondsMin"/> and this.</summary>
    public const int PollSecondsMax = 55;

    /// <summary>Shortest a long poll waits at the server.</summary>
    public const int PollSecondsMin = 30;

    /// <summary>Time to connect and to agree on keys.</summary>
    public static readonly TimeSpan Connect = TimeSpan.FromSeconds(10);

    /// <summary>Time for any exchange, beyond what the server was asked to wait.</summary>
    public static readonly TimeSpan Exchange = TimeSpan.FromSeconds(60);

    /// <summary>Silence after which the connection is asked whether it lives.</summary>
    public static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(20);

    /// <summary>Silence after that question that ends the connection.</summary>
    public static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);
}
