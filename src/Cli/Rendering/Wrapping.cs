namespace Suture.Cli.Rendering;

/// <summary>Breaks text for people into lines.</summary>
internal static class Wrapping
{
    /// <summary>Lines of at most the given width, broken at blanks; a word that is longer keeps a line to itself, so that keys can be copied.</summary>
    /// <param name="text">The text; its own line ends hold.</param>
    /// <param name="width">Columns, above 0.</param>
    /// <param name="indent">Blanks before each line; part of the width.</param>
    public static IEnumerable<string> Lines(string text, int width, int indent = 0)
    {
        var blanks = new string(' ', indent);
        foreach (var paragraph in text.Split('\n'))
        {
            var line = "";
            foreach (var word in paragraph.Split(' '))
            {
                if (line.Length > 0 && indent + line.Length + 1 + word.Length > width)
                {
                    yield return blanks + line;
                    line = word;
                }
                else
                {
                    line = line.Length == 0 ? word : $"{line} {word}";
                }
            }
            yield return line.Length == 0 ? "" : blanks + line;
        }
    }
}
