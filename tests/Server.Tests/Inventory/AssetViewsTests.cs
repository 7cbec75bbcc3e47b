using Suture.Contracts.Api;
using Suture.Contracts.Inventory;
using Suture.Exposure.Api;
using Suture.Exposure.Findings;
using Suture.Inventory.Assets;
using Suture.Server.Tests.Exposure;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Inventory;

public sealed class AssetViewsTests
{
    [Fact]
    public void ToDetail_CollectorFailed_IsToldOnceAlthoughMatchingTellsItToo()
    {
        var failure = new CollectorFailure { Collector = "outdated-processes", Reason = "1 process may not be looked at." };
        var facts = Facts([Package("libssl3", "3.0.15")], State() with { Failures = [failure] });
        var (asset, index) = (Asset(), new ExposureIndex());
        index.Put(Judged(asset, facts, new HandMadeFeeds()));

        var unknown = AssetViews.ToDetail(asset, [], facts, maySpeak: true, new AssetFigures(index)).Unknown;

        Assert.Single(unknown, item => item == new UnknownItem { Subject = failure.Collector, Reason = failure.Reason });
    }
}
