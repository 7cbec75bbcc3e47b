using System.CommandLine;
using System.Globalization;
using Suture.Knowledge.Versions;

namespace Suture.Cli.Commands;

/// <summary><c>version compare ECOSYSTEM A B</c>, or <c>-</c> for pairs on standard input.</summary>
internal static class VersionCompareCommand
{
    private const int LineCharactersMax = 4096;

    public static Command CreateVersion(CliConsole console) => new("version", "Work with versions.") { Create(console) };

    private static Command Create(CliConsole console)
    {
        var ecosystem = new Argument<string>("ecosystem") { Description = "Whose order: deb." };
        var left = new Argument<string>("a") { Description = "A version, or - to read pairs from standard input, one a line, separated by a tab." };
        var right = new Argument<string?>("b") { Description = "Another version.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("compare", "Print -1, 0 or 1: A is older than, equal to or newer than B.") { ecosystem, left, right };
        command.SetAction(async (parsed, cancellation) =>
        {
            var order = parsed.GetRequiredValue(ecosystem);
            if (order != "deb")
            {
                throw new CliException(Exit.Usage, $"Ecosystem '{order}' is not known; wanted is 'deb'.");
            }
            var (a, b) = (parsed.GetRequiredValue(left), parsed.GetValue(right));
            if (a == "-" && b is null)
            {
                return await CompareLinesAsync(console, cancellation);
            }
            if (b is null)
            {
                throw new CliException(Exit.Usage, $"Only one version is given, '{a}'; wanted are two, or '-' to read pairs from standard input.");
            }
            await console.Out.WriteLineAsync(Compare(Checked(a, 0), Checked(b, 0)));
            return Exit.Done;
        });
        return command;
    }

    // Blank lines at the end are no pairs: files end like that. Before another pair one is a fault, or answers would no longer stand beside their lines.
    private static async Task<int> CompareLinesAsync(CliConsole console, CancellationToken cancellation)
    {
        var lines = new BoundedLines(console.In, LineCharactersMax);
        var (number, blank) = (0, 0);
        while (await ReadAsync(lines, number + 1, console, cancellation) is { } line)
        {
            number++;
            if (line.Length == 0)
            {
                blank = blank == 0 ? number : blank;
                continue;
            }
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (blank > 0 || tab < 0 || line.IndexOf('\t', tab + 1) >= 0)
            {
                throw await FaultAsync(console, blank > 0 ? blank : number, "is not two versions separated by one tab");
            }
            await console.Out.WriteLineAsync(Compare(Checked(line[..tab], number), Checked(line[(tab + 1)..], number)));
        }
        return Exit.Done;
    }

    private static async Task<string?> ReadAsync(BoundedLines lines, int number, CliConsole console, CancellationToken cancellation)
    {
        try
        {
            return await lines.ReadAsync(cancellation);
        }
        catch (InvalidDataException)
        {
            throw await FaultAsync(console, number, string.Create(CultureInfo.InvariantCulture, $"has more than {LineCharactersMax} characters"));
        }
    }

    private static async Task<CliException> FaultAsync(CliConsole console, int line, string what)
    {
        await console.Out.FlushAsync();
        return new CliException(Exit.Usage, string.Create(CultureInfo.InvariantCulture, $"Line {line} {what}; nothing after it was compared."));
    }

    private static string Checked(string version, int line)
    {
        if (DebianVersion.TryParse(version, out _, out var fault))
        {
            return version;
        }
        throw new CliException(Exit.Usage, line == 0 ? fault : string.Create(CultureInfo.InvariantCulture, $"Line {line}: {fault}"));
    }

    private static string Compare(string left, string right) => DebianVersion.Compare(left, right) switch { < 0 => "-1", 0 => "0", > 0 => "1" };
}
