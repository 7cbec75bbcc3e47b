namespace Suture.Agent.Commands;

/// <summary>What the agent's commands end with.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Refused: not joined, already joined, not trusted, not root.</summary>
    public const int Refused = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Something broke.</summary>
    public const int Failure = 3;
}
