using Suture.Contracts.Api;
using Suture.Exposure.Fixes;
using Suture.Platform.Identity;
using Suture.Remediation.Fixes;
using Suture.Tests;

namespace Suture.Server.Tests.Remediation;

/// <summary>What people say of a fix stays with the groups it was said for; on both engines.</summary>
public sealed class FixWordsTests(StoreFixture stores)
{
    private static readonly Scope Ours = Scope.Of([RemediationWorld.Group]);
    private static readonly Scope Theirs = Scope.Of([RemediationWorld.OtherGroup]);

    public static TheoryData<string> Engines => StoreFixture.Engines;

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Words_OfOneGroup_AreNeitherReadNorOverwrittenByAnother(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var key = await OpenInBothAsync(world);

        await AssignAsync(world, key, Ours, "web", "anna");
        await CommentAsync(world, key, Ours, "ours only");
        await AssignAsync(world, key, Theirs, "db", "bert");
        await CommentAsync(world, key, Theirs, "theirs only");

        var ours = await FindAsync(world, key, Ours);
        var theirs = await FindAsync(world, key, Theirs);
        Assert.Equal(("web", "anna", "ours only"), (ours.Fix.Team, ours.Fix.Person, Assert.Single(ours.Comments).Text));
        Assert.Equal(("db", "bert", "theirs only"), (theirs.Fix.Team, theirs.Fix.Person, Assert.Single(theirs.Comments).Text));
        Assert.Equal("web", Assert.Single((await world.Get<FixBoard>().ListAsync(Ours, new FixQuery(), CancellationToken.None)).Items).Team);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Words_OfWhoHasBothGroups_AreSaidForBothAndReadOnce(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var key = await OpenInBothAsync(world);

        await AssignAsync(world, key, Ours, "web", "anna");
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await AssignAsync(world, key, Scope.All, "all", null);
        await CommentAsync(world, key, Scope.All, "to everybody");
        var afterAll = (await FindAsync(world, key, Ours), await FindAsync(world, key, Theirs), await FindAsync(world, key, Scope.All));
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await AssignAsync(world, key, Theirs, "db", null);

        Assert.All((FixDetail[])[afterAll.Item1, afterAll.Item2, afterAll.Item3], detail =>
        {
            Assert.Equal(("all", null), (detail.Fix.Team, detail.Fix.Person));
            Assert.Equal("to everybody", Assert.Single(detail.Comments).Text);
        });
        // The newest in scope.
        Assert.Equal(("all", "db", "db"), ((await FindAsync(world, key, Ours)).Fix.Team, (await FindAsync(world, key, Theirs)).Fix.Team, (await FindAsync(world, key, Scope.All)).Fix.Team));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Assignment_OfAGroupThatHasTheFixNoMore_IsNotShown(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        var theirs = await world.EnrolAsync("db2", group: RemediationWorld.OtherGroup);
        await world.ReportAsync(theirs);
        var key = Key();
        await AssignAsync(world, key, Ours, "web", null);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await AssignAsync(world, key, Theirs, "db", null);

        await world.ReportAsync(theirs, []);

        Assert.Equal("web", (await FindAsync(world, key, Scope.All)).Fix.Team);
    }

    private static async Task<FixKey> OpenInBothAsync(RemediationWorld world)
    {
        await world.ReportAsync(await world.EnrolAsync(environment: "production"));
        await world.ReportAsync(await world.EnrolAsync("db1", "production", RemediationWorld.OtherGroup));
        return Key();
    }

    private static FixKey Key() => FixKey.TryParse($"bookworm/openssl/{GivenRemediation.Fixed}", out var key) ? key : throw new InvalidOperationException();

    private static Task AssignAsync(RemediationWorld world, FixKey key, Scope scope, string? team, string? person) =>
        world.Get<SpeakOfFix>().AssignAsync(RemediationWorld.Person("anna", scope), key, new FixAssignment { Team = team, Person = person }, CancellationToken.None);

    private static Task CommentAsync(RemediationWorld world, FixKey key, Scope scope, string text) =>
        world.Get<SpeakOfFix>().CommentAsync(RemediationWorld.Person("anna", scope), key, text, CancellationToken.None);

    private static async Task<FixDetail> FindAsync(RemediationWorld world, FixKey key, Scope scope) =>
        (await world.Get<FixBoard>().FindAsync(scope, key, CancellationToken.None))!;
}
