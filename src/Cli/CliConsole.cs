namespace Suture.Cli;

/// <summary>Everything a command may touch besides files, so that a test can hand in its own.</summary>
internal sealed record CliConsole
{
    /// <summary>Columns of output for people where no terminal tells.</summary>
    public const int WidthDefault = 100;

    private const int WidthMin = 60;
    private const int WidthMax = 200;

    /// <summary>Standard output.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input.</summary>
    public required TextReader In { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Environment variables; null for one that is not set.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Columns of output for people.</summary>
    public int Width { get; init; } = WidthDefault;

    /// <summary>True when colours may be used: standard output is a terminal and <c>NO_COLOR</c> is not set.</summary>
    public bool HasColours { get; init; }

    /// <summary>True when a person types at standard input.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>True when the user is root.</summary>
    public bool IsRoot { get; init; }

    /// <summary>The console of this process.</summary>
    public static CliConsole OfProcess() => new()
    {
        Out = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 64 * 1024),
        Error = new StreamWriter(Console.OpenStandardError()) { AutoFlush = true },
        In = new StreamReader(Console.OpenStandardInput(), bufferSize: 64 * 1024),
        Width = WidthOfTerminal(),
        HasColours = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        IsTerminal = !Console.IsInputRedirected,
        IsRoot = Environment.IsPrivilegedProcess,
    };

    private static int WidthOfTerminal()
    {
        try
        {
            return Console.IsOutputRedirected ? WidthDefault : Math.Clamp(Console.WindowWidth, WidthMin, WidthMax);
        }
        catch (IOException)
        {
            return WidthDefault;
        }
    }
}
