using CsCheck;
using Suture.Contracts.Approvals;
using Suture.Contracts.Jobs;
using Suture.Remediation.Planning;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

public sealed class PlanCanonTests
{
    [Fact]
    public void Text_ABody_IsSortedWithoutSpace()
    {
        var asset = new Guid(1, 2, 3, new byte[8]);
        var body = Body(Change(asset)) with { Plan = asset };

        Assert.Equal(
            "{\"author\":\"policy\",\"changes\":[{\"asset\":\"00000001-0002-0003-0000-000000000000\",\"assetName\":\"web1\",\"fix\":\"bookworm/openssl/3.0.17-1~deb12u2\","
            + "\"from\":{\"libssl3\":\"3.0.16-1~deb12u1\"},\"packages\":[{\"architecture\":\"amd64\",\"minimumVersion\":\"3.0.17-1~deb12u2\",\"name\":\"libssl3\","
            + $"\"sha256\":\"{new string('a', 64)}\",\"version\":\"3.0.17-1~deb12u2\"}}],\"units\":[],\"verb\":\"ensure_package\",\"vulnerabilities\":[\"CVE-2026-0001\"],\"wave\":1}}],"
            + "\"plan\":\"00000001-0002-0003-0000-000000000000\",\"policyDigest\":\"d\",\"reboots\":\"never\",\"restarts\":\"services\",\"rule\":\"critical outside production\",\"schema\":2}",
            PlanCanon.Text(body));
        Assert.Equal(64, PlanCanon.Hash(body).Length);
    }

    [Fact]
    public void Read_AStoredText_GivesTheSameHash()
    {
        var body = Body(Change(), Change(verb: JobVerb.RestartService)) with { Window = new PlanWindow { Zone = "Etc/UTC", Days = ["mon"], Start = "01:00", End = "02:00" } };

        Assert.Equal(PlanCanon.Hash(body), PlanCanon.Hash(PlanCanon.Read<PlanBody>(PlanCanon.Text(body))));
    }

    public static TheoryData<int> Edits => [.. Enumerable.Range(0, EditList.Length)];

    private static readonly Func<PlanBody, PlanBody>[] EditList =
    [
        body => body with { Plan = Id() },
        body => body with { Author = "anna" },
        body => body with { Rule = "other" },
        body => body with { PolicyDigest = "e" },
        body => body with { Restarts = "none" },
        body => body with { Reboots = "allowed" },
        body => body with { Window = new PlanWindow { Zone = "Etc/UTC", Days = ["mon"], Start = "01:00", End = "02:00" } },
        body => body with { Changes = [.. body.Changes, Change()] },
        body => body with { Changes = [body.Changes[0] with { Asset = Id() }] },
        body => body with { Changes = [body.Changes[0] with { Units = ["x.service"] }] },
        body => body with { Changes = [body.Changes[0] with { Vulnerabilities = [OtherCve] }] },
        body => body with { Changes = [body.Changes[0] with { Packages = [body.Changes[0].Packages[0] with { Sha256 = new string('b', 64) }] }] },
        body => body with { Changes = [body.Changes[0] with { Packages = [body.Changes[0].Packages[0] with { Version = "9" }] }] },
    ];

    [Theory]
    [MemberData(nameof(Edits))]
    public void Hash_AnyMemberChanges_Changes(int edit)
    {
        var body = Body(Change());

        Assert.NotEqual(PlanCanon.Hash(body), PlanCanon.Hash(EditList[edit](body)));
    }

    [Fact]
    public void Hash_TwoBodies_AreEqualOnlyWhenTheTextsAre() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2]).Sample((rule, author, otherRule, otherAuthor) =>
        {
            var asset = new Guid(1, 2, 3, new byte[8]);
            var body = Body(Change(asset)) with { Plan = asset, Rule = $"r{rule}", Author = $"a{author}" };
            var other = Body(Change(asset)) with { Plan = asset, Rule = $"r{otherRule}", Author = $"a{otherAuthor}" };
            return (PlanCanon.Hash(body) == PlanCanon.Hash(other)) == ((rule, author) == (otherRule, otherAuthor));
        });
}
