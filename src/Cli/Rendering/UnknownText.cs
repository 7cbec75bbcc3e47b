using System.Globalization;
using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>What cannot be known of an asset, for people: one paragraph a reason.</summary>
internal static class UnknownText
{
    private const int ReasonsMax = 8;
    private const int SubjectsMax = 4;
    private const int Indent = 2;

    /// <summary>Prints what is unknown; nothing when all is known.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="asset">Name of the asset; null where only one is spoken of.</param>
    /// <param name="items">What is unknown.</param>
    public static void Write(CliConsole console, string? asset, IReadOnlyList<UnknownItem> items)
    {
        if (items.Count == 0)
        {
            return;
        }
        TextLines.Line(console, string.Create(CultureInfo.InvariantCulture, $"\nNot known{(asset is null ? "" : $" of {TextLines.Plain(asset)}")} ({items.Count})"));
        var byReason = items.GroupBy(item => item.Reason, StringComparer.Ordinal).ToList();
        foreach (var reason in byReason.Take(ReasonsMax))
        {
            TextLines.Paragraph(console, TextLines.Plain($"{Subjects([.. reason.Select(item => item.Subject).Distinct(StringComparer.Ordinal)])}: {reason.Key}"), Indent);
        }
        if (byReason.Count > ReasonsMax)
        {
            var left = byReason.Skip(ReasonsMax).Sum(reason => reason.Count());
            TextLines.Line(console, string.Create(CultureInfo.InvariantCulture, $"  and {left} more; --json shows all"));
        }
    }

    private static string Subjects(IReadOnlyList<string> subjects) => subjects.Count <= SubjectsMax
        ? string.Join(", ", subjects)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", subjects.Take(SubjectsMax))} and {subjects.Count - SubjectsMax} more");
}
