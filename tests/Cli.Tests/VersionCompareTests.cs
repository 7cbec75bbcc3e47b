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

    [Theory]
    [InlineData("1\t2\n2\t1\n\n")]
    [InlineData("1\t2\r\n2\t1\r\n\r\n\n")]
    [InlineData("1\t2\n2\t1")]
    public async Task Compare_BlankLinesAtTheEnd_AreNoPairs(string input) =>
        Assert.Equal((0, "-1\n1\n", ""), await _cli.RunAsync(["version", "compare", "deb", "-"], input));

    [Fact]
    public async Task Compare_BlankLineBeforeOthers_IsFaulty()
    {
        var (exit, output, error) = await _cli.RunAsync(["version", "compare", "deb", "-"], "1\t2\n\n2\t1\n");

        Assert.Equal((2, "-1\n"), (exit, output));
        Assert.Contains("Line 2", error);
    }

    [Fact]
    public async Task Compare_LineWithoutEnd_IsRefusedAtTheBound()
    {
        using var endless = new EndlessLine();

        var (exit, _, error) = await _cli.RunAsync(["version", "compare", "deb", "-"], endless);

        Assert.Equal(2, exit);
        Assert.Contains("Line 1", error);
        Assert.InRange(endless.Taken, 4096, 65_536);
    }

    /// <summary>A line that goes on; a reader that does not stop fails here instead of filling the memory.</summary>
    private sealed class EndlessLine : TextReader
    {
        public int Taken { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
        {
            Taken += buffer.Length;
            Assert.True(Taken < 1 << 20, "The line is read without a bound.");
            buffer.Span.Fill('1');
            return ValueTask.FromResult(buffer.Length);
        }

        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("The line is read without a bound.");
    }
}
