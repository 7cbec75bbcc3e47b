using System.Globalization;

namespace Suture.Agent.State;

/// <summary>The agent's log: one line an event on standard error, with the priority that the system's journal understands. Ids yes; secrets and output of commands no.</summary>
/// <remarks>Event ids 7000 to 7999. A logging library would cost a third of the binary for the same line.</remarks>
internal static class AgentLog
{
    private const int LineLengthMax = 2_000;

    /// <summary>A step of the loop.</summary>
    /// <param name="id">Event id.</param>
    /// <param name="text">One sentence.</param>
    public static void Information(int id, FormattableString text) => Write('6', id, text);

    /// <summary>We coped.</summary>
    /// <param name="id">Event id.</param>
    /// <param name="text">One sentence.</param>
    public static void Warning(int id, FormattableString text) => Write('4', id, text);

    /// <summary>A person must look.</summary>
    /// <param name="id">Event id.</param>
    /// <param name="text">One sentence.</param>
    public static void Error(int id, FormattableString text) => Write('3', id, text);

    private static void Write(char priority, int id, FormattableString text)
    {
        var line = text.ToString(CultureInfo.InvariantCulture).ReplaceLineEndings(" ");
        line = line.Length > LineLengthMax ? line[..LineLengthMax] : line;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"<{priority}>[{id}] {line}"));
    }
}
