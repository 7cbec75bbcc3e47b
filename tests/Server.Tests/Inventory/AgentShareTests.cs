using CsCheck;
using Suture.Inventory;
using Suture.Inventory.Certificates;

namespace Suture.Server.Tests.Inventory;

public sealed class AgentShareTests
{
    private static readonly DateTimeOffset Start = InventoryHost.Start;

    [Fact]
    public void Enter_AtAnyPace_LetsThroughNoMoreThanTheBurstAndTheRate() =>
        Gen.Int[0, 2_000].Array[1, 400].Sample(pauses =>
        {
            var (share, now, allowed) = (new AgentShare(Start), Start, 0);
            foreach (var milliseconds in pauses)
            {
                now = now.AddMilliseconds(milliseconds);
                if (share.Enter(now).Refusal is null)
                {
                    allowed++;
                    share.Leave();
                }
            }
            return allowed <= InventoryLimits.AgentRequestsBurst + ((now - Start).TotalSeconds * InventoryLimits.AgentRequestsPerSecond)
                && allowed >= Math.Min(pauses.Length, InventoryLimits.AgentRequestsBurst);
        });

    [Fact]
    public void Enter_AsOftenAsAnHonestAgentAtItsBusiest_IsNeverRefused()
    {
        var share = new AgentShare(Start);

        // Ten jobs at once, each with its result and its report, and a poll after each; then one report, one poll, one result a second.
        for (var request = 0; request < 30; request++)
        {
            Assert.Null(share.Enter(Start).Refusal);
            share.Leave();
        }
        for (var second = 1; second <= 80; second++)
        {
            for (var request = 0; request < 3; request++)
            {
                Assert.Null(share.Enter(Start.AddSeconds(second)).Refusal);
                share.Leave();
            }
        }
    }

    [Fact]
    public void Enter_AfterTheTimeItWasTold_GoesOn()
    {
        var share = new AgentShare(Start);
        Drain(share);

        var refused = share.Enter(Start);
        var early = share.Enter(Start.AddMilliseconds(400));
        var after = share.Enter(Start.AddSeconds(refused.RetryAfterSeconds));

        Assert.Equal((ShareRefusal.TooOften, 1), (refused.Refusal, refused.RetryAfterSeconds));
        Assert.Equal(ShareRefusal.TooOften, early.Refusal);
        Assert.Null(after.Refusal);
    }

    [Fact]
    public void Enter_WhileAsManyAreOnTheirWay_IsRefusedUntilOneEnds()
    {
        var share = new AgentShare(Start);
        for (var request = 0; request < InventoryLimits.AgentRequestsAtOnce; request++)
        {
            share.Enter(Start);
        }

        var refused = share.Enter(Start);
        share.Leave();

        Assert.Equal(ShareRefusal.TooManyAtOnce, refused.Refusal);
        Assert.Null(share.Enter(Start).Refusal);
    }

    [Fact]
    public void Spend_MoreThanThereIs_IsPaidBackBeforeTheNextRequest()
    {
        var share = new AgentShare(Start);

        share.Spend(InventoryLimits.AgentBytesBurst + (10L * InventoryLimits.AgentBytesPerSecond), Start);

        var refused = share.Enter(Start);
        Assert.Equal((ShareRefusal.TooMuch, 11), (refused.Refusal, refused.RetryAfterSeconds));
        Assert.Equal(ShareRefusal.TooMuch, share.Enter(Start.AddSeconds(9)).Refusal);
        Assert.Null(share.Enter(Start.AddSeconds(11)).Refusal);
    }

    [Fact]
    public void Enter_ClockSetBack_NeitherFillsNorLocksForLong()
    {
        var share = new AgentShare(Start);
        Drain(share);

        Assert.Equal(ShareRefusal.TooOften, share.Enter(Start.AddYears(-10)).Refusal);
        Assert.Null(share.Enter(Start.AddYears(-10).AddSeconds(1)).Refusal);
    }

    [Fact]
    public void Enter_RefusedOften_IsNewsOnceAMinute()
    {
        var share = new AgentShare(Start);

        // The first refusal ends the draining.
        Assert.True(Drain(share).IsNews);
        Assert.False(share.Enter(Start).IsNews);
        Assert.True(Drain(share, Start.AddMinutes(1)).IsNews);
    }

    [Fact]
    public void TryBeginLarge_WhileAnotherIs_IsFalseUntilThatEnds()
    {
        var share = new AgentShare(Start);

        Assert.Equal((true, false), (share.TryBeginLarge(), share.TryBeginLarge()));
        share.EndLarge();
        Assert.True(share.TryBeginLarge());
    }

    [Fact]
    public void Connect_MinutesLater_LetsGoOfThoseThatAreAsGoodAsNew()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Start);
        var shares = new AgentShares(clock);
        var (gone, stays) = (Guid.CreateVersion7(Start), Guid.CreateVersion7(Start));
        shares.Connect(gone).Share.Disconnect();
        var kept = shares.Connect(stays).Share;
        clock.Advance(InventoryLimits.AgentSharesSweptEvery);

        var (_, connections) = shares.Connect(stays);

        Assert.Equal((1, 2), (shares.Count, connections));
        Assert.Same(kept, shares.Connect(stays).Share);
    }

    private static AgentShare.Verdict Drain(AgentShare share, DateTimeOffset? now = null)
    {
        while (true)
        {
            var verdict = share.Enter(now ?? Start);
            if (verdict.Refusal is not null)
            {
                return verdict;
            }
            share.Leave();
        }
    }
}
