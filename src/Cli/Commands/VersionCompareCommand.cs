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

    private static async Task<int> CompareLinesAsync(CliConsole console, CancellationToken cancellation)
    {
        var number = 0;
        while (await console.In.ReadLineAsync(cancellation) is { } line)
        {
            number++;
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab < 0 || line.Length > LineCharactersMax || line.IndexOf('\t', tab + 1) >= 0)
            {
                await console.Out.FlushAsync(cancellation);
                throw new CliException(Exit.Usage, string.Create(CultureInfo.InvariantCulture, $"Line {number} is not two versions separated by one tab; nothing after it was compared."));
            }
            await console.Out.WriteLineAsync(Compare(Checked(line[..tab], number), Checked(line[(tab + 1)..], number)));
        }
        return Exit.Done;
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
