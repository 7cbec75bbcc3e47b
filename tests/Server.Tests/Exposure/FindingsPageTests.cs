using Suture.Contracts.Api;
using Suture.Exposure.Api;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

public sealed class FindingsPageTests
{
    private readonly HandMadeFeeds _feeds = new HandMadeFeeds()
        .Fix("openssl", Cve, "3.0.17").Fix("openssl", OtherCve, "3.0.17").Fix("openssl", "CVE-2026-0003", "3.0.17").Epss(OtherCve, 0.9, 0.99).Kev("CVE-2026-0003");

    [Fact]
    public void Cut_PageByPage_GivesEveryFindingOnceInOrder()
    {
        var exposures = Enumerable.Range(1, 5).Select(number => Judged(
            Asset($"a{number}", ordinal: number), Facts([Package("libssl3", "3.0.15"), Package("openssl", "3.0.15")]), _feeds)).ToList();
        var whole = FindingsPage.Cut(exposures, new FindingFilter(), null, 1000);
        var pages = new List<Finding>();
        FindingsPage.FindingPlace? after = null;

        do
        {
            var page = FindingsPage.Cut(exposures, new FindingFilter(), after, 7);
            pages.AddRange(page.Items);
            after = page.Next is null ? null : FindingsPage.FindingPlace.TryParse(page.Next);
        }
        while (after is not null);

        Assert.Equal(30, whole.Total);
        Assert.Equal(whole.Items.Select(Key), pages.Select(Key));
        Assert.Equal(30, pages.Select(Key).Distinct().Count());
        Assert.True(pages.Zip(pages.Skip(1)).All(pair => pair.First.Risk!.PerDay >= pair.Second.Risk!.PerDay));
    }

    [Fact]
    public void Cut_Filters_TakeOnlyWhatTheyName()
    {
        var exposures = new[]
        {
            Judged(Asset("a"), Facts([Package("libssl3", "3.0.15")]), _feeds), Judged(Asset("b", "staging"), Facts([Package("libssl3", "3.0.15")]), _feeds),
        };

        Assert.Equal(2, FindingsPage.Cut(exposures, new FindingFilter { Vulnerability = Cve }, null, 10).Total);
        Assert.Equal(2, FindingsPage.Cut(exposures, new FindingFilter { Kev = true }, null, 10).Total);
        Assert.Equal(3, FindingsPage.Cut(exposures, new FindingFilter { Environment = "staging" }, null, 10).Total);
        Assert.Equal(0, FindingsPage.Cut(exposures, new FindingFilter { Package = "bash" }, null, 10).Total);
        Assert.Equal(0, FindingsPage.Cut(exposures, new FindingFilter { Status = FindingStatus.PendingEffect }, null, 10).Total);
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("AAAA")]
    public void TryParse_NotOurs_IsRefused(string text) => Assert.Null(FindingsPage.FindingPlace.TryParse(text));

    private static (Guid?, string, string) Key(Finding finding) => (finding.Asset, finding.Vulnerability, finding.Package);
}
