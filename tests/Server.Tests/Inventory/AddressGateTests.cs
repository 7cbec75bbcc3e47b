using System.Net;
using Microsoft.Extensions.Time.Testing;
using Suture.Inventory;
using Suture.Inventory.Certificates;

namespace Suture.Server.Tests.Inventory;

public sealed class AddressGateTests
{
    private static readonly IPAddress One = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Other = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _clock = new(InventoryHost.Start);

    [Fact]
    public void Enter_MoreThanTheBurst_WaitsInTurnAndIsClosedWhenItWouldWaitTooLong()
    {
        var gate = new AddressGate(_clock);
        var waits = Enumerable.Range(0, 1_000).Select(_ => gate.Enter(One)).ToList();

        Assert.All(waits.Take(InventoryLimits.AddressHandshakesBurst), wait => Assert.Equal(TimeSpan.Zero, wait));
        var waiting = waits.Skip(InventoryLimits.AddressHandshakesBurst).TakeWhile(wait => wait is not null).Select(wait => wait!.Value).ToList();
        Assert.Equal(waiting.Order(), waiting);
        Assert.InRange(waiting[^1], InventoryLimits.AddressWaitMax * 0.9, InventoryLimits.AddressWaitMax);
        Assert.Null(waits[^1]);
        Assert.Equal(TimeSpan.Zero, gate.Enter(Other));
    }

    [Fact]
    public void Enter_ASecondLater_LetsAsManyGoOnAsTheRateSays()
    {
        var gate = new AddressGate(_clock);
        while (gate.Enter(One) == TimeSpan.Zero)
        {
        }
        _clock.Advance(TimeSpan.FromSeconds(1));

        var atOnce = Enumerable.Range(0, 200).Count(_ => gate.Enter(One) == TimeSpan.Zero);

        Assert.InRange(atOnce, InventoryLimits.AddressHandshakesPerSecond - 1, InventoryLimits.AddressHandshakesPerSecond);
    }

    [Fact]
    public void Enter_PortFull_IsClosedUntilOneLeaves()
    {
        var gate = new AddressGate(_clock);
        for (var number = 0; number < InventoryLimits.AgentPortConnectionsMax; number++)
        {
            Assert.NotNull(gate.Enter(new IPAddress([10, (byte)(number / 65_025), (byte)(number / 255 % 255), (byte)(number % 3)])));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(gate.Enter(Other));
        gate.Leave();
        Assert.NotNull(gate.Enter(Other));
    }

    [Fact]
    public void TryEnterUnnamed_MoreThanAnAddressMay_IsRefusedUntilOneLeaves()
    {
        var gate = new AddressGate(_clock);
        for (var number = 0; number < InventoryLimits.AddressUnnamedMax; number++)
        {
            Assert.True(gate.TryEnterUnnamed(One));
        }

        Assert.False(gate.TryEnterUnnamed(One));
        Assert.True(gate.TryEnterUnnamed(Other));
        gate.LeaveUnnamed(One);
        Assert.True(gate.TryEnterUnnamed(One));
    }

    [Fact]
    public void Enter_MoreAddressesThanAreCounted_IsClosedUntilTheyAreForgotten()
    {
        var gate = new AddressGate(_clock);
        for (var number = 0; number < InventoryLimits.AddressesCountedMax; number++)
        {
            gate.Enter(new IPAddress([10, 0, (byte)(number / 256), (byte)(number % 256)]));
            gate.Leave();
        }

        Assert.Null(gate.Enter(Other));
        _clock.Advance(InventoryLimits.AgentSharesSweptEvery);
        Assert.Equal(TimeSpan.Zero, gate.Enter(Other));
    }
}
