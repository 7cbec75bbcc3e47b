using Suture.Knowledge.Versions;
using CsCheck;

namespace Suture.Knowledge.Tests.Versions;

public class DebianVersionTests
{
    [Theory]
    [InlineData("1.0", "1.0", 0)]
    [InlineData("1.0", "1.0-0", 0)] // a missing revision is 0
    [InlineData("0:1.0", "1.0", 0)] // a missing epoch is 0
    [InlineData("00:1.0", "1.0", 0)]
    [InlineData("1.01", "1.1", 0)] // digit runs by value
    [InlineData("1:0.1", "9.9", 1)] // the epoch stands above all
    [InlineData("10:1", "9:2", 1)]
    [InlineData("1.0~rc1", "1.0", -1)] // ~ is below the end
    [InlineData("1.0~~", "1.0~", -1)]
    [InlineData("1.0~~a", "1.0~", -1)]
    [InlineData("1.0a", "1.0", 1)] // a letter is above the end
    [InlineData("1.0a", "1.0+", -1)] // and below every other character
    [InlineData("1.0Z", "1.0a", -1)]
    [InlineData("1.0.", "1.0-1", 1)]
    [InlineData("1.10", "1.9", 1)]
    [InlineData("99999999999999999999999999", "100000000000000000000000000", -1)]
    [InlineData("3.0.16-1~deb12u1", "3.0.17-1~deb12u2", -1)]
    [InlineData("3.0.17-1~deb12u1", "3.0.17-1", -1)]
    [InlineData("2.36-9+deb12u10", "2.36-9+deb12u9", 1)]
    [InlineData("1.0-1+b1", "1.0-1", 1)]
    [InlineData("1-2-3", "1-2-10", -1)] // the revision is behind the last hyphen
    [InlineData("1-2-3", "1-10-1", -1)]
    [InlineData("1:2:3", "1:2:10", -1)] // a colon may stand in the upstream part when there is an epoch
    [InlineData("1.0-~1", "1.0", -1)]
    [InlineData("0", "0.", -1)]
    public void Compare_Versions_IsDpkgsOrder(string left, string right, int expected)
    {
        Assert.Equal(expected, DebianVersion.Compare(left, right));
        Assert.Equal(-expected, DebianVersion.Compare(right, left));
    }

    [Fact]
    public void Compare_AnyVersions_IsReflexiveAndAntisymmetric() => VersionGen.Pair.Sample(pair =>
        DebianVersion.Compare(pair.Left, pair.Left) == 0
        && DebianVersion.Compare(pair.Left, pair.Right) == -DebianVersion.Compare(pair.Right, pair.Left), iter: 20_000);

    [Fact]
    public void Compare_AnyThreeVersions_IsTransitive() => Gen.Select(VersionGen.Pair, VersionGen.Any).Sample((pair, third) =>
    {
        string[] sorted = [pair.Left, pair.Right, third];
        Array.Sort(sorted, static (a, b) => DebianVersion.Compare(a, b));
        return DebianVersion.Compare(sorted[0], sorted[1]) <= 0 && DebianVersion.Compare(sorted[1], sorted[2]) <= 0 && DebianVersion.Compare(sorted[0], sorted[2]) <= 0
            && (DebianVersion.Compare(sorted[0], sorted[2]) != 0 || DebianVersion.Compare(sorted[0], sorted[1]) == 0);
    }, iter: 20_000);

    [Fact]
    public void Compare_AnyText_IsAntisymmetric() => Gen.Select(Gen.String[0, 12], Gen.String[0, 12]).Sample((left, right) =>
        DebianVersion.Compare(left, right) == -DebianVersion.Compare(right, left), iter: 20_000);

    [Fact]
    public void Compare_ManyVersions_AllocatesNothing()
    {
        DebianVersion.Compare("1:3.0.16-1~deb12u1", "1:3.0.17-1~deb12u2");
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            DebianVersion.Compare("1:3.0.16-1~deb12u1", "1:3.0.17-1~deb12u2");
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("1.0-", "revision behind the last hyphen is empty")]
    [InlineData(":1", "epoch before the first colon")]
    [InlineData("a:1", "epoch before the first colon")]
    [InlineData("+1:1", "epoch before the first colon")]
    [InlineData("2147483648:1", "above 2147483647")]
    [InlineData("1:", "does not start with a digit")]
    [InlineData("1:-1", "does not start with a digit")]
    [InlineData("a1", "does not start with a digit")]
    [InlineData("1_0", "upstream part holds '_'")]
    [InlineData("1.0-1_", "revision holds '_'")]
    [InlineData("1.0 2", "upstream part holds ' '")]
    [InlineData("1.0-1:2", "epoch before the first colon")]
    [InlineData("1:1.0-1:2", "revision holds ':'")]
    [InlineData("1٣", "upstream part holds '٣'")] // a digit, not one of Debian's
    public void TryParse_FaultyVersion_SaysWhatIsWrong(string text, string fault)
    {
        var parsed = DebianVersion.TryParse(text, out _, out var said);

        Assert.False(parsed);
        Assert.Contains(fault, said, StringComparison.Ordinal);
        Assert.Contains(text, said!, StringComparison.Ordinal);
        Assert.False(DebianVersion.IsValid(text));
    }

    [Fact]
    public void TryParse_TooLong_IsRefused()
    {
        Assert.True(DebianVersion.IsValid(new string('1', DebianVersion.LengthMaxCharacters)));
        Assert.False(DebianVersion.IsValid(new string('1', DebianVersion.LengthMaxCharacters + 1)));
    }

    [Fact]
    public void Parse_Version_GivesItsParts()
    {
        Assert.Equal(new DebianVersionParts(1, "2:3-4", "5~a"), DebianVersion.Parse("1:2:3-4-5~a"));
        Assert.Equal(new DebianVersionParts(0, "2026a", null), DebianVersion.Parse("2026a"));
        Assert.Throws<FormatException>(() => DebianVersion.Parse("x"));
    }
}
