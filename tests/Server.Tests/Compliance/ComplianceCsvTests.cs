using System.Text.RegularExpressions;
using Suture.Compliance;
using Suture.Contracts.Api;
using Suture.Tests;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Compliance;

public sealed partial class ComplianceCsvTests
{
    [Theory]
    [InlineData("web1", "web1")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"")]
    [InlineData("@SUM(1)", "\"'@SUM(1)\"")]
    [InlineData("-1+1", "\"'-1+1\"")]
    public void Field_AnyName_IsNoFormula(string name, string expected) => Assert.Equal(expected, ComplianceCsv.Field(name));

    [Fact]
    public void Write_EveryLine_HasTheColumnsOfTheHeader()
    {
        var asset = Summarize.OfAsset(new AssetInput
        {
            Asset = Asset("web, 1"),
            Open = [new OpenCount { AssetId = Guid.Empty, Source = "openssl", DeadlineRule = "row 9", Open = 1, Overdue = 0, OverdueAssumed = 0, Assumed = 0 }],
            PolicyRules = new Dictionary<string, string?> { ["openssl"] = "=critical" },
            Unknown = [new UnknownItem { Subject = "packages", Reason = "\"dpkg\" failed, twice" }],
        });

        var lines = ComplianceCsv.Write([asset], Start).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        var columns = ComplianceCsv.Header.Split(',').Length;
        Assert.Equal([columns, columns, columns], lines.Select(line => Columns().Count(line)));
    }

    [Fact]
    public void Header_Columns_AreThoseOfTheDocumentation()
    {
        var page = File.ReadAllText(Path.Combine(TestPaths.Repository, "docs/compliance.md"));

        var described = Described().Matches(page[page.IndexOf("## The export", StringComparison.Ordinal)..]).SelectMany(match => match.Groups[1].Value.Split("`, `"));

        Assert.Equal(ComplianceCsv.Header.TrimEnd().Split(','), described);
    }

    // A field: quoted with its quotes doubled, or plain; at the start, or after a comma.
    [GeneratedRegex("(?:^|,)(?:\"(?:[^\"]|\"\")*\"|[^\",]*)")]
    private static partial Regex Columns();

    [GeneratedRegex(@"^\| `([^|]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Described();
}
