namespace Suture.Cli;

/// <summary>Exit codes, the same for every command.</summary>
internal static class Exit
{
    /// <summary>Done; nothing found.</summary>
    public const int Done = 0;

    /// <summary>Findings, or a refusal as documented.</summary>
    public const int Findings = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>It could not be done.</summary>
    public const int Failure = 3;
}

/// <summary>Ends a command with a text for people: the thing, the value seen, the value wanted, the next step.</summary>
internal class CliException(int exit, string message) : Exception(message)
{
    public int Exit { get; } = exit;
}

/// <summary>Ends a command because the server knows no session that it came with.</summary>
internal sealed class NotSignedInException(string message) : CliException(Cli.Exit.Failure, message);
