namespace Suture.Cli.Tests;

public sealed class HelpTests : IDisposable
{
    private readonly CliRun _cli = new() { Width = 80 };

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Help_OfTheWhole_NamesEveryCommandOfTheLauncherToo()
    {
        var (exit, output, error) = await _cli.RunAsync(["--help"]);

        Assert.Equal((0, ""), (exit, error));
        Golden.AssertSame("help.txt", output);
        Assert.All(CliApp.Commands(new CliConsole { Out = TextWriter.Null, Error = TextWriter.Null, In = TextReader.Null }).Subcommands, command => Assert.Contains($"\n  {command.Name} ", output));
        Assert.All((string[])["up", "test", "build", "bench"], verb => Assert.Contains($"\n  {verb} ", output));
    }

    [Theory]
    [InlineData("fixes")]
    [InlineData("plan")]
    [InlineData("assets set")]
    public async Task Help_OfACommand_SaysWhatIsTyped(string command)
    {
        var (exit, output, _) = await _cli.RunAsync([.. command.Split(' '), "--help"]);

        Assert.Equal(0, exit);
        Assert.DoesNotContain("suture-cli", output);
        Golden.AssertSame($"help-{command.Replace(' ', '-')}.txt", output);
    }

    [Fact]
    public async Task Version_IsPrinted() => Assert.Matches(@"^0\.\d+\.\d+", (await _cli.RunAsync(["--version"])).Out);
}
