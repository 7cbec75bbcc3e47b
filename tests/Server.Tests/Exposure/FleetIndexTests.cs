using CsCheck;
using Suture.Contracts.Inventory;
using Suture.Exposure.FleetIndex;
using Suture.Knowledge.Versions;
using static Suture.Server.Tests.Exposure.GivenExposure;

namespace Suture.Server.Tests.Exposure;

public sealed class FleetIndexTests
{
    private static readonly string[] Versions = ["1.0", "1.00", "1.0~rc1", "1.1", "2:0.1"];
    private static readonly Guid[] Groups = [new(1, 0, 0, new byte[8]), new(2, 0, 0, new byte[8])];

    private static readonly Gen<FleetAsset?> Assets = Gen.Select(
        Gen.Int[1, 6], Gen.Int[0, 9], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 4], Gen.Int[1, 2]).Array[0, 4], Gen.Int[0, 1], Gen.Int[0, 5],
        FleetAsset? (ordinal, kind, packages, group, criticality) => kind == 0 ? null : new FleetAsset
        {
            Ordinal = ordinal,
            Id = new Guid(ordinal, 1, 0, new byte[8]),
            GroupId = Groups[group],
            Environment = group == 0 ? "production" : "staging",
            Criticality = criticality == 0 ? null : criticality,
            IsInternetFacing = criticality > 3,
            Release = kind == 1 ? null : kind == 2 ? "trixie" : "bookworm",
            Packages = kind == 3 ? null : [.. packages.Select(each =>
                Package($"p{each.Item1}", Versions[each.Item2], $"s{each.Item1 % 2}", (OriginKind)each.Item3)).DistinctBy(package => package.Name)],
        });

    [Fact]
    public void View_AnyChanges_AnswersAsALoopOverAllAssetsWould() => Gen.Select(Gen.Int[1, 6], Assets).Array[1, 30].Sample(changes =>
    {
        var index = new PlainFleetIndex();
        var naive = new Dictionary<Guid, FleetAsset>();
        foreach (var (ordinal, asset) in changes)
        {
            var id = new Guid(ordinal, 1, 0, new byte[8]);
            if (asset is null)
            {
                index.Remove(id);
                naive.Remove(id);
            }
            else
            {
                index.Put(asset);
                naive[asset.Id] = asset;
            }
        }

        var view = index.View;

        AssertSame(naive.Values, _ => true, view.All);
        AssertSame(naive.Values, asset => asset.GroupId == Groups[0], view.InGroups([Groups[0]]));
        AssertSame(naive.Values, asset => asset.Environment == "staging", view.InEnvironment("staging"));
        AssertSame(naive.Values, asset => asset.Criticality == 4, view.OfCriticality(4));
        AssertSame(naive.Values, asset => asset.IsInternetFacing == true, view.InternetFacing);
        foreach (var source in new[] { "s0", "s1" })
        {
            AssertSame(naive.Values, asset => Has(asset, source, _ => true), view.WithSource("bookworm", source));
            Assert.Equal(
                naive.Values.Where(asset => asset.Release == "bookworm").SelectMany(asset => asset.Packages ?? []).Where(package => package.Source == source && package.Origin == OriginKind.Distribution)
                    .Select(package => package.SourceVersion).Distinct().Order(Comparer<string>.Create((left, right) =>
                        DebianVersion.Compare(left, right) is var order && order != 0 ? order : string.CompareOrdinal(left, right))),
                view.VersionsOf("bookworm", source));
            foreach (var version in Versions)
            {
                AssertSame(naive.Values, asset => Has(asset, source, package => DebianVersion.Compare(package.SourceVersion, version) < 0), view.AssetsAffectedBy("bookworm", source, version));
            }
        }
    }, iter: 2_000);

    [Fact]
    public void View_TakenBeforeAChange_StaysAsItWas()
    {
        var index = new PlainFleetIndex();
        index.Put(new FleetAsset { Ordinal = 1, Id = Id(), GroupId = Groups[0], Environment = "production" });
        var before = index.View;

        index.Put(new FleetAsset { Ordinal = 2, Id = Id(), GroupId = Groups[0], Environment = "production" });

        Assert.Equal([1], before.All.Ordinals);
        Assert.Equal([1, 2], index.View.All.Ordinals);
    }

    private static bool Has(FleetAsset asset, string source, Func<InstalledPackage, bool> condition) => asset.Release == "bookworm"
        && asset.Packages?.Any(package => package.Source == source && package.Origin == OriginKind.Distribution && condition(package)) == true;

    private static void AssertSame(IEnumerable<FleetAsset> assets, Func<FleetAsset, bool> condition, IAssetSet set) =>
        Assert.Equal(assets.Where(condition).Select(asset => asset.Ordinal).Order(), set.Ordinals);
}
