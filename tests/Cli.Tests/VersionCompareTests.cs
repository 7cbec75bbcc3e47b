namespace Suture.Cli.Tests;

public sealed class VersionCompareTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("1.0~rc1", "1.0", "-1\n")]
    [InlineData("1.0", "1.0-0", "0\n")]
    [InlineData("1:0.1", "9.9", "1\n")]
    public async Task Compare_TwoVersions_PrintsTheirOrder(string a, string b, string expected) =>
        Assert.Equal((0, expected, ""), await _cli.RunAsync(["version", "compare", "deb", a, b]));

    [Fact]
    public async Task Compare_Lines_PrintsOneResultALine() =>
        Assert.Equal((0, "-1\n1\n0\n", ""), await _cli.RunAsync(["version", "compare", "deb", "-"], "1\t2\n2\t1\n3\t3\n"));

    [Fact]
    public async Task Compare_FaultyLine_StopsThereAndNamesIt()
    {
        var (exit, output, error) = await _cli.RunAsync(["version", "compare", "deb", "-"], "1\t2\n2 1\n");

        Assert.Equal((2, "-1\n"), (exit, output));
        Assert.Contains("Line 2", error);
    }
}
