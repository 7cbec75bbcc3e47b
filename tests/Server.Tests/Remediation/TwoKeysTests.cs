using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Contracts.Jobs;
using Suture.Inventory.Approvers;
using Suture.Platform.Identity;
using Suture.Remediation;
using Suture.Remediation.Approvals;
using Suture.Remediation.Dispatch;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

/// <summary>Plans for assets whose agents demand approvers' own signatures: from the set of approvers to the job's envelope.</summary>
public sealed class TwoKeysTests(StoreFixture stores) : IDisposable
{
    private readonly ECDsa _anna = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _bert = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _carl = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static TheoryData<string> Engines => StoreFixture.Engines;

    public void Dispose()
    {
        _anna.Dispose();
        _bert.Dispose();
        _carl.Dispose();
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task APlanWaitsForAllSignatures_AndItsJobCarriesThem(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var (asset, plan) = await WaitingAsync(world);

        var (outcome, detail) = await world.DecideAsync(plan, name: "anna");
        Assert.Equal(DecisionOutcome.NotSigned, outcome);
        Assert.Contains("0 of 2 signatures", detail, StringComparison.Ordinal);
        Assert.Equal(DecisionOutcome.NotSigned, (await SignAsync(world, plan, _carl, "anna")).Outcome);
        Assert.Equal(DecisionOutcome.NotSigned, (await SignAsync(world, plan, _bert, "anna")).Outcome); // somebody else's key
        Assert.Equal(DecisionOutcome.Decided, (await SignAsync(world, plan, _anna, "anna")).Outcome);
        Assert.Equal(DecisionOutcome.Decided, (await SignAsync(world, plan, _anna, "anna")).Outcome);
        await world.RunAsync();
        var waiting = (await world.Get<PlanDirectory>().FindAsync(Scope.All, plan, CancellationToken.None))!;
        Assert.Equal((PlanState.WaitingApproval, 0), (waiting.Plan.State, waiting.Jobs.Count));
        Assert.Equal(["anna"], Assert.Single(waiting.Signatures).SignedBy);
        Assert.Equal(waiting.Plan.Hash, ApprovedPlan.Digest(waiting.ToSign!.ReadHead()));

        Assert.Equal(DecisionOutcome.Decided, (await SignAsync(world, plan, _bert, "bert")).Outcome);
        await world.RunAsync();

        var envelope = Assert.Single((await PollAsync(world, asset)).Jobs);
        var job = JsonSerializer.Deserialize(Convert.FromBase64String(envelope.Payload), ContractsJson.Default.JobPayload)!;
        var head = envelope.Plan!.ReadHead()!;
        Assert.Equal(job.PlanHash, ApprovedPlan.Digest(head));
        Assert.Contains(ApprovedPlan.Digest(envelope.Plan.ReadChanges(0)), JsonSerializer.Deserialize(head, ContractsJson.Default.PlanHead)!.Assets);
        Assert.Equal(2, ApproverSignature.CountHolders(envelope.ApproverSignatures, Convert.FromHexString(job.PlanHash), FirstSet()));
        var changes = JsonSerializer.Deserialize(envelope.Plan.ReadChanges(0), ContractsJson.Default.AssetChanges)!;
        Assert.Equal(job.Packages, changes.Changes.SelectMany(change => change.Packages));
        Assert.Equal(["plan.made", "plan.signed", "plan.signed", "plan.approved"], (await world.LedgerAsync($"plan:{plan}")).Take(4));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task ManySignAtOnce_TheLastIsTheApproval(string engine)
    {
        await using var world = await RemediationWorld.StartAsync(stores, engine);
        var (_, plan) = await WaitingAsync(world);

        await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Task.Run(() => n % 2 == 0 ? SignAsync(world, plan, _anna, "anna") : SignAsync(world, plan, _bert, "bert"))));

        Assert.Equal(PlanState.Approved, Assert.Single(await world.PlansAsync()).State);
        Assert.Equal(["plan.made", "plan.signed", "plan.signed", "plan.approved"], await world.LedgerAsync($"plan:{plan}"));
    }

    [Fact]
    public async Task ThePolicyApprovesNothingThatAgentsWantSigned_AlsoNotWhatItApprovedBefore()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var asset = await world.EnrolAsync(environment: "staging");
        await world.ReportAsync(asset);
        await world.RunAsync();
        Assert.Equal(PlanState.Approved, Assert.Single(await world.PlansAsync()).State);

        Assert.Null(await SetAsync(world, FirstSet()));
        Assert.Empty((await PollAsync(world, asset)).Jobs);
        await world.ReportAsync(asset);
        await world.RunAsync();

        Assert.Equal(PlanState.WaitingApproval, (await world.PlansAsync())[0].State);
        Assert.Empty((await PollAsync(world, asset)).Jobs);
    }

    [Fact]
    public async Task AnAgentIsGivenTheSetsItLacks_AndTheAssetDemandsTheOneItHolds()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var asset = await world.EnrolAsync();
        Assert.Null(await SetAsync(world, FirstSet()));
        var second = FirstSet() with { Version = 2, Needed = 1 };
        Assert.Null(await SetAsync(world, second, _anna, _bert));

        var offered = (await world.PollAsync(asset)).Approvers;
        var after = await world.Get<OfferJobs>().PollAsync(asset, new PollRequest { BootId = "boot-1", LastSequence = 1, WaitSeconds = 0, Approvers = Digest(FirstSet()) }, CancellationToken.None);
        var all = await world.Get<OfferJobs>().PollAsync(asset, new PollRequest { BootId = "boot-1", LastSequence = 1, WaitSeconds = 0, Approvers = Digest(second) }, CancellationToken.None);

        Assert.Equal((2, 1, 0), (offered.Count, after.Approvers.Count, all.Approvers.Count));
        Assert.Equal(Digest(second), (await world.Get<Suture.Inventory.AssetDirectory>().FindAsync(Scope.All, asset, CancellationToken.None))!.Approvers);
    }

    [Fact]
    public async Task AnAgentThatRefusesASetIsNotAnsweredAtOnceForEver()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        var asset = await world.EnrolAsync();
        Assert.Null(await SetAsync(world, FirstSet()));

        var poll = world.Get<OfferJobs>().PollAsync(
            asset, new PollRequest { BootId = "boot-1", LastSequence = 1, WaitSeconds = 30, Approvers = new string('f', 64) }, CancellationToken.None);
        while (!poll.IsCompleted && world.Time.GetUtcNow() < Start.AddMinutes(10))
        {
            await Task.Yield();
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Single((await poll).Approvers);
        Assert.True(world.Time.GetUtcNow() - Start >= TimeSpan.FromSeconds(30), $"answered after {world.Time.GetUtcNow() - Start}");
    }

    [Fact]
    public async Task ALaterSetNeedsTheSignaturesOfTheOneInForce()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "sqlite");
        Assert.Null(await SetAsync(world, FirstSet()));
        var next = FirstSet() with { Version = 2, Keys = [Key(_carl, "carl"), Key(_anna, "anna")] };

        Assert.Equal(403, Status(await SetAsync(world, next)));
        Assert.Equal(403, Status(await SetAsync(world, next, _anna)));
        Assert.Equal(403, Status(await SetAsync(world, next, _anna, _carl)));
        Assert.Equal(409, Status(await SetAsync(world, next with { Version = 3 }, _anna, _bert)));
        Assert.Equal(400, Status(await SetAsync(world, next with { Needed = 3 }, _anna, _bert)));
        Assert.Equal(400, Status(await world.Get<SetApprovers>().HandleAsync(Admin, "theirs", Offer(next, _anna, _bert), CancellationToken.None)));
        Assert.Null(await SetAsync(world, next, _anna, _bert));
        Assert.Null(await SetAsync(world, next)); // once more changes nothing
        Assert.Equal(["group.approvers-set", "group.approvers-set"], await world.LedgerAsync("group:ours"));
    }

    private static Principal Admin => RemediationWorld.Person("admin", null, Role.Admin);

    private static int? Status(IResult? result) => (result as IStatusCodeHttpResult)?.StatusCode;

    private static ApproverKey Key(ECDsa key, string holder) => new() { Holder = holder, PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) };

    private ApproverSet FirstSet() => new() { Group = "ours", Version = 1, Needed = 2, Keys = [Key(_anna, "anna"), Key(_bert, "bert")] };

    private static string Digest(ApproverSet set) => Convert.ToHexStringLower(SignedApproverSet.Challenge(JsonSerializer.SerializeToUtf8Bytes(set, ContractsJson.Default.ApproverSet)));

    private static SignedApproverSet Offer(ApproverSet set, params ECDsa[] signers)
    {
        var document = JsonSerializer.SerializeToUtf8Bytes(set, ContractsJson.Default.ApproverSet);
        return new SignedApproverSet { Document = Convert.ToBase64String(document), Signatures = [.. signers.Select(key => ApproverSignature.Sign(SignedApproverSet.Challenge(document), key))] };
    }

    private static Task<IResult?> SetAsync(RemediationWorld world, ApproverSet set, params ECDsa[] signers) =>
        world.Get<SetApprovers>().HandleAsync(Admin, set.Group, Offer(set, signers), CancellationToken.None);

    private async Task<(Guid Asset, Guid Plan)> WaitingAsync(RemediationWorld world)
    {
        Assert.Null(await SetAsync(world, FirstSet()));
        var asset = await world.EnrolAsync(environment: "staging");
        await PollAsync(world, asset);
        await world.ReportAsync(asset);
        await world.RunAsync();
        return (asset, Assert.Single(await world.PlansAsync()).Id);
    }

    private Task<PollResponse> PollAsync(RemediationWorld world, Guid asset) => world.Get<OfferJobs>().PollAsync(
        asset, new PollRequest { BootId = "boot-1", LastSequence = 1, WaitSeconds = 0, Approvers = Digest(FirstSet()) }, CancellationToken.None);

    private static async Task<(DecisionOutcome Outcome, string Detail)> SignAsync(RemediationWorld world, Guid plan, ECDsa key, string name)
    {
        var hash = (await world.PlansAsync()).First(row => row.Id == plan).Hash;
        ApproverSignature signature;
        lock (key)
        {
            signature = ApproverSignature.Sign(Convert.FromHexString(hash), key);
        }
        return await world.Get<DecideOnPlan>().HandleAsync(
            RemediationWorld.Person(name), plan, new PlanDecisionRequest { Hash = hash, Signature = signature }, true, CancellationToken.None);
    }
}
