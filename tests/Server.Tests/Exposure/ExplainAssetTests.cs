using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Exposure.Explaining;
using Suture.Inventory;
using Suture.Knowledge.Feeds;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

public sealed class ExplainAssetTests
{
    private readonly HandMadeFeeds _feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Epss(OtherCve, 0.1, 0.8);

    [Fact]
    public void Compose_Affected_TellsTheWholeChain()
    {
        var explanation = Explain(Facts([Package("libssl3", "3.0.15")]), Cve);

        Assert.Equal($"{Cve} affects web1 through libssl3: openssl 3.0.15 is below 3.0.17, which fixes it.", explanation.Verdict);
        Assert.Contains(explanation.Steps, step => step is { Stage: "advisory", Text: "DSA-1-1 of 2026-07-01", Source: "debian-dsa of 2026-08-01" });
        Assert.Contains(explanation.Steps, step => step.Stage == "match" && step.Text.Contains("openssl 3.0.15 < 3.0.17 (bookworm)", StringComparison.Ordinal));
        Assert.Contains(explanation.Steps, step => step.Stage == "risk");
        Assert.Contains(explanation.Steps, step => step.Stage == "deadline");
        Assert.Contains(explanation.Steps, step => step.Stage == "feed");
    }

    [Fact]
    public void Compose_Signals_TellTheAgeOfTheFeedBesideTheDayOfTheValue()
    {
        var kev = ExplainAsset.Compose(Input(Asset(), null, OtherCve) with { Feeds = new HandMadeFeeds().Kev(OtherCve) });
        var epss = ExplainAsset.Compose(Input(Asset(), null, OtherCve));

        Assert.Contains(kev.Steps, step => step is { Stage: "signal", Source: "cisa-kev of 2026-08-20, the value of 2026-08-02" });
        Assert.Contains(epss.Steps, step => step is { Stage: "signal", Source: "first-epss of 2026-08-01" });
    }

    [Fact]
    public void Compose_Described_NamesWhereTheDescriptionIsFrom()
    {
        _feeds.Described(Cve, "A flaw in OpenSSL.");

        Assert.Contains(Explain(Facts([Package("libssl3", "3.0.15")]), Cve).Steps, step => step is { Stage: "signal", Text: "A flaw in OpenSSL.", Source: "CVE record" });
    }

    [Fact]
    public void Compose_UpdateThatIsNotRead_SaysThatItIsThereAndWhyNoMoreIsKnown()
    {
        var id = FixRecord.UnreadId("openssl", "3.0.18");
        _feeds.Unread("openssl", "3.0.18", "none of its packages carries one");

        var explanation = Explain(Facts([Package("libssl3", "3.0.17")]), id);

        Assert.Equal("A security update of openssl to 3.0.18 is there for web1 (libssl3); which CVEs it closes is not known: changelog not read yet, because none of its packages carries one.", explanation.Verdict);
        Assert.Contains(explanation.Steps, step => step.Stage == "match" && step.Text.Contains("is unknown: openssl 3.0.17 < 3.0.18", StringComparison.Ordinal));
    }

    [Fact]
    public void Compose_PendingEffect_NamesTheProcessAndTheAction()
    {
        var history = new AssetHistory();
        history.Look(Facts([Package("libssl3", "3.0.15")]), _feeds);
        history.Look(Facts([Package("libssl3", "3.0.17")], State([Process("libssl3")])), _feeds);

        var explanation = ExplainAsset.Compose(Input(history.Exposure!.Asset, history.Exposure, Cve) with { Episodes = history.Episodes });

        Assert.Equal($"{Cve} is fixed on disk on web1 (libssl3), but nginx.service still runs the old code: restart nginx.service.", explanation.Verdict);
        Assert.Contains(explanation.Steps, step => step.Stage == "episode" && step.Text.Contains("installed", StringComparison.Ordinal));
    }

    [Fact]
    public void Compose_NotInstalled_SaysSo() => Assert.Equal(
        $"{Cve} is not open on web1: no package of openssl is installed.", Explain(Facts([Package("bash", "5", "bash")]), Cve).Verdict);

    [Fact]
    public void Compose_AlreadyFixed_NamesBothVersions() => Assert.Equal(
        $"{Cve} is not open on web1: openssl 3.0.18 is installed, fixed from 3.0.17.", Explain(Facts([Package("libssl3", "3.0.18")]), Cve).Verdict);

    [Fact]
    public void Compose_ThirdParty_IsUnknown() => Assert.Contains(
        "(unknown)", Explain(Facts([Package("libssl3", "1", origin: OriginKind.ThirdParty)]), Cve).Verdict, StringComparison.Ordinal);

    [Fact]
    public void Compose_NoFixPublished_SaysThatListsDoNotCoverIt() => Assert.Contains(
        "has no published fix in bookworm: fixed-version lists do not cover it", Explain(Facts([Package("libssl3", "1")]), OtherCve).Verdict, StringComparison.Ordinal);

    [Fact]
    public void Compose_NobodySpeaksOfIt_SaysSo() => Assert.Equal(
        "No feed in force speaks of CVE-1999-9999. Check its spelling and the feeds' age.", Explain(Facts([Package("libssl3", "1")]), "CVE-1999-9999").Verdict);

    [Fact]
    public void Compose_FactsMissing_SaysWhichAreUnknown()
    {
        Assert.Contains("could not be read", Explain(Facts(null), Cve).Verdict, StringComparison.Ordinal);
        Assert.Contains("release of web1 is not known", Explain(Facts([], release: null), Cve).Verdict, StringComparison.Ordinal);
        Assert.Contains("No report of web1", ExplainAsset.Compose(Input(Asset(), null, Cve)).Verdict, StringComparison.Ordinal);
        var uncovered = Judged(Asset(), Facts([Package("libssl3", "9")]), _feeds);
        Assert.Contains("No advisory feed in force covers bookworm", ExplainAsset.Compose(Input(Asset(), uncovered, Cve) with { Feeds = new HandMadeFeeds().WithoutCoverage() }).Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void ComposeFleet_WithoutAnAsset_CountsAssets()
    {
        var exposure = Judged(Asset(), Facts([Package("libssl3", "3.0.15")]), _feeds);

        Assert.Equal($"{Cve} is open on 1 of 1 assets in your scope.", ExplainFleet.Compose(Cve, [exposure], _feeds).Verdict);
    }

    private Explanation Explain(AssetFacts facts, string vulnerability)
    {
        var asset = Asset();
        return ExplainAsset.Compose(Input(asset, Judged(asset, facts, _feeds), vulnerability));
    }

    private ExplainInput Input(AssetRecord asset, Suture.Exposure.Findings.AssetExposure? exposure, string vulnerability) => new()
    {
        Vulnerability = vulnerability,
        Asset = asset,
        Exposure = exposure,
        Episodes = [],
        Feeds = _feeds,
        Now = Start,
    };
}
