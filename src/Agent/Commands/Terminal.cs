namespace Suture.Agent.Commands;

/// <summary>What the person at the terminal reads.</summary>
internal static class Terminal
{
    /// <summary>Says what was done.</summary>
    /// <param name="text">One line.</param>
    public static void Say(string text) => Console.Out.WriteLine(text);

    /// <summary>Says what is wrong.</summary>
    /// <param name="text">One line.</param>
    public static void Complain(string text) => Console.Error.WriteLine($"suture-agent: {text}");

    /// <summary>Says what is wrong, and ends with it.</summary>
    /// <param name="exitCode">Exit code.</param>
    /// <param name="text">One line.</param>
    /// <returns>The exit code.</returns>
    public static int End(int exitCode, string text)
    {
        Complain(text);
        return exitCode;
    }
}
