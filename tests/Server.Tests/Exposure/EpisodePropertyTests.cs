using CsCheck;
using Suture.Exposure.Findings;
using Suture.Inventory;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

/// <summary>Random histories of reports and feeds against a model of a few lines.</summary>
public sealed class EpisodePropertyTests
{
    /// <summary>One look. Installed: 0 absent, 1 to 4 a version, 5 unknown. Fixed: 0 withdrawn, 2 to 4 a version. Effect: 0 clean, 1 old code runs, 2 unknown.</summary>
    private sealed record Look(int Installed, int Fixed, int Effect, bool IsCovered, bool IsSameReport);

    private static readonly Gen<Look> Looks = Gen.Select(
        Gen.Frequency((1, Gen.Const(0)), (8, Gen.Int[1, 4]), (1, Gen.Const(5))),
        Gen.Frequency((1, Gen.Const(0)), (6, Gen.Int[2, 4])),
        Gen.Frequency((5, Gen.Const(0)), (2, Gen.Const(1)), (1, Gen.Const(2))),
        Gen.Frequency((9, Gen.Const(true)), (1, Gen.Const(false))),
        Gen.Frequency((4, Gen.Const(false)), (1, Gen.Const(true))),
        (installed, fixedAt, effect, covered, same) => new Look(installed, fixedAt, effect, covered, same));

    [Fact]
    public void Decide_AnyHistory_FollowsTheModel() => Looks.Array[1, 25].Sample(looks =>
    {
        var history = new AssetHistory();
        var model = new Model();
        AssetFacts? last = null;
        foreach (var look in looks)
        {
            var isSame = look.IsSameReport && last is not null;
            var now = history.Now.AddHours(1);
            var facts = isSame ? last! : ToFacts(look, now);
            last = facts;
            var feeds = ToFeeds(look);

            history.Look(facts, feeds);

            model.Step(facts, look);
            Assert.Equal(model.IsOpen, history.Open.Count == 1);
            Assert.Equal(model.Ends, history.Episodes.Where(episode => episode.ClosedUs is not null).Select(episode => episode.ClosedReason!.Value));
        }
        AssertInvariants(history.Episodes);
    }, iter: 5_000);

    private static void AssertInvariants(List<Episode> episodes)
    {
        Assert.True(episodes.GroupBy(episode => episode.Key).All(group => group.Count(episode => episode.ClosedUs is null) <= 1));
        foreach (var episode in episodes)
        {
            Assert.Equal(episode.ClosedReason == EpisodeEnd.FixedInEffect, episode.VerifiedUs is not null);
            Assert.True(episode.ClosedUs is null || episode.ClosedUs > episode.DetectedUs);
            if (episode.ClosedReason == EpisodeEnd.FixedInEffect)
            {
                Assert.NotEqual(episode.OpenedReport, episode.ClosedReport);
                Assert.True(episode.InstalledUs <= episode.VerifiedUs && episode.DetectedUs <= episode.VerifiedUs);
            }
        }
    }

    private static AssetFacts ToFacts(Look look, DateTimeOffset received) => Facts(
        look.Installed switch
        {
            5 => null,
            0 => [Package("bash", "5", "bash")],
            _ => [Package("bash", "5", "bash"), Package("libssl3", look.Installed.ToString(null, null))],
        },
        State(look.Effect == 1 ? [Process("libssl3")] : [], isEffectUnknown: look.Effect == 2),
        received);

    private static HandMadeFeeds ToFeeds(Look look)
    {
        var feeds = new HandMadeFeeds().Fix("nginx", OtherCve, "1");
        feeds = look.Fixed == 0 ? feeds : feeds.Fix("openssl", Cve, look.Fixed.ToString(null, null));
        return look.IsCovered ? feeds : feeds.WithoutCoverage();
    }

    /// <summary>The glossary in code, of one vulnerability and one package.</summary>
    private sealed class Model
    {
        private int _lastFixed;
        private Guid _openedBy;

        public bool IsOpen { get; private set; }

        public List<EpisodeEnd> Ends { get; } = [];

        public void Step(AssetFacts facts, Look look)
        {
            if (facts.Packages is null || !look.IsCovered)
            {
                return;
            }
            var package = facts.Packages.FirstOrDefault(each => each.Name == "libssl3");
            var installed = package is null ? 0 : int.Parse(package.SourceVersion, null);
            if (installed > 0 && installed < look.Fixed)
            {
                _openedBy = IsOpen ? _openedBy : facts.ReportId;
                (IsOpen, _lastFixed) = (true, look.Fixed);
                return;
            }
            if (!IsOpen)
            {
                return;
            }
            // Old code of the package is judged before anything else, as long as a publisher still states the fix.
            var effect = facts.State.OutdatedProcesses;
            var isClean = effect is { Count: 0 };
            if (look.Fixed > 0 && effect is { Count: > 0 })
            {
                _lastFixed = look.Fixed;
                return;
            }
            if (look.Fixed > 0 && effect is null)
            {
                return;
            }
            if (installed == 0)
            {
                End(isClean, EpisodeEnd.Removed);
            }
            else if (installed < _lastFixed)
            {
                End(true, EpisodeEnd.AdvisoryChanged);
            }
            else if (facts.ReportId == _openedBy)
            {
                End(true, EpisodeEnd.AdvisoryChanged);
            }
            else
            {
                End(isClean, EpisodeEnd.FixedInEffect);
            }
        }

        private void End(bool isProven, EpisodeEnd end)
        {
            if (isProven)
            {
                IsOpen = false;
                Ends.Add(end);
            }
        }
    }
}
