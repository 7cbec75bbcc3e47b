using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>An explanation for people: the verdict, then the chain, a stage named where it begins.</summary>
internal static class ExplanationText
{
    private const int StageColumn = 11;

    public static void Write(CliConsole console, Explanation explanation)
    {
        TextLines.Paragraph(console, TextLines.Plain(explanation.Verdict));
        TextLines.Line(console, "");
        var stage = "";
        foreach (var step in explanation.Steps)
        {
            TextLines.Field(console, step.Stage == stage ? "" : step.Stage, $"{step.Text}{(step.Source is { } source ? $" ({source})" : "")}", StageColumn);
            stage = step.Stage;
        }
    }
}
