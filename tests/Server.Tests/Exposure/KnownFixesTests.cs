using Suture.Exposure.Findings;
using Suture.Exposure.Fixes;
using Suture.Platform.Identity;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

public sealed class KnownFixesTests
{
    private readonly HandMadeFeeds _feeds = new HandMadeFeeds().Fix("openssl", Cve, "3.0.17").Fix("bash", OtherCve, "6");
    private readonly ExposureIndex _index = new();

    [Fact]
    public void Of_TheIndexIsTheSame_GroupsOnce_AndAnewAfterAnyChange()
    {
        var known = new KnownFixes(_index);
        var first = Put("a");
        var before = known.Of(Scope.All, null);

        Assert.Same(before, known.Of(Scope.All, null));
        Assert.NotSame(before, known.Of(Scope.All, "production"));

        var second = Put("b");
        Assert.Equal(2, known.Of(Scope.All, null)[0].Assets.Count);
        _index.Replace(second, second with { Findings = [] });
        Assert.Single(known.Of(Scope.All, null)[0].Assets);
        _index.Remove(first.AssetId);
        Assert.Empty(known.Of(Scope.All, null));
    }

    [Fact]
    public void Of_TwoScopes_EachSeesItsOwn_HoweverManyAreAsked()
    {
        var known = new KnownFixes(_index);
        Put("a");
        for (var asked = 0; asked <= KnownFixes.KeptMax; asked++)
        {
            Assert.Empty(known.Of(Scope.Of([Id()]), null));
        }

        Assert.Empty(known.Of(Scope.None, null));
        Assert.Equal(2, known.Of(Scope.All, "PRODUCTION").Count);
    }

    [Fact]
    public void Find_IsWhatTheWholeQueueHas()
    {
        var known = new KnownFixes(_index);
        Put("a");
        Put("b");

        Assert.All(known.Of(Scope.All, null), fix =>
        {
            var found = known.Find(Scope.All, fix.Key)!;
            Assert.Equal((fix.Key, fix.Findings, fix.RiskPerDay, fix.Title), (found.Key, found.Findings, found.RiskPerDay, found.Title));
        });
        Assert.Null(known.Find(Scope.All, new FixKey("trixie", "openssl", "3.0.17", false)));
        Assert.Null(known.Find(Scope.All, new FixKey("bookworm", "openssl", "3.0.17", true)));
    }

    private AssetExposure Put(string name)
    {
        var exposure = Judged(Asset(name), Facts([Package("libssl3", "3.0.15"), Package("bash", "5", "bash")]), _feeds);
        _index.Put(exposure);
        return exposure;
    }
}
