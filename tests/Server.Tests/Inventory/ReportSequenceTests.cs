using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Suture.Contracts.Inventory;
using Suture.Inventory.Reports;
using Suture.Tests;

namespace Suture.Server.Tests.Inventory;

/// <summary>Whatever an honest agent's network does to its reports, the server's facts are those of the last report it accepted, and it is never taken for
/// two; a second holder is found.</summary>
public sealed class ReportSequenceTests(StoreFixture stores)
{
    private enum Step
    {
        Full = 1,
        Light = 2,
        ChangeSoftware = 3,
        ChangeState = 4,
        LoseReply = 5,
        LoseRequest = 6,
        Replay = 7,
        Reboot = 8,
        SoftwareUnknown = 9,
        DiskSetBack = 10,
        Hold = 11,
        Deliver = 12,
    }

    private static readonly Gen<Step[]> Steps = Gen.Enum<Step>().Array[1, 30];

    [Theory]
    [MemberData(nameof(StoreFixture.Engines), MemberType = typeof(StoreFixture))]
    public async Task Reports_OfAnHonestAgent_LeadToItsFacts(string engine)
    {
        await using var host = await InventoryHost.StartAsync(stores, engine);
        await host.EnsureGroupAsync();

        await Steps.SampleAsync(
            async steps =>
            {
                var model = await ModelAgent.StartAsync(host);
                foreach (var step in steps)
                {
                    await model.DoAsync(step);
                }
                await model.SettleAsync();
            },
            iter: engine == "sqlite" ? 60 : 25,
            threads: 1);
    }

    [Fact]
    public async Task Reports_OfTwoHolders_EndInQuarantine()
    {
        await using var host = await InventoryHost.StartAsync(stores, "sqlite");
        await host.EnsureGroupAsync();

        await Gen.Select(Gen.Int[0, 4], Gen.Int[0, 4], Gen.Bool).SampleAsync(
            async (before, ahead, isOtherBoot) =>
            {
                var first = await ModelAgent.StartAsync(host);
                for (var step = 0; step <= before; step++)
                {
                    await first.DoAsync(Step.ChangeSoftware);
                }
                var second = first.Clone(isOtherBoot);
                var outcomes = new List<ReportOutcome>();
                for (var step = 0; step < ahead; step++)
                {
                    outcomes.Add(await first.SendFullAsync());
                }
                for (var turn = 0; turn < 2; turn++)
                {
                    second.Change();
                    outcomes.Add(await second.SendFullAsync());
                    first.Change();
                    outcomes.Add(await first.SendFullAsync());
                }
                Assert.Equal(ReportOutcome.Quarantined, outcomes[^1]);
            },
            iter: 30,
            threads: 1);
    }

    private sealed class ModelAgent
    {
        private readonly ReceiveReport _receive;
        private readonly TestAgent _agent;
        private readonly InventoryHost _host;
        private IReadOnlyList<InstalledPackage> _software = Given.Software(Given.Package("curl"), Given.Package("openssl"));
        private MachineState _state = Given.State();
        private bool _isSoftwareUnknown;
        private int _changes;
        private int _boots;

        // What the agent believes the server has; null before the first answer.
        private IReadOnlyList<InstalledPackage>? _ackedSoftware;
        private string? _ackedState;
        private AssetReport? _last;
        private AssetReport? _held;
        private AssetReport? _lastAccepted;
        private IReadOnlyList<InstalledPackage>? _lastAcceptedSoftware;

        private ModelAgent(InventoryHost host, TestAgent agent)
        {
            _host = host;
            _agent = agent;
            _receive = host.Services.GetRequiredService<ReceiveReport>();
        }

        public static async Task<ModelAgent> StartAsync(InventoryHost host)
        {
            // Many agents enrol from one address here.
            host.Clock.Advance(TimeSpan.FromMinutes(1));
            return new ModelAgent(host, await host.EnrollAsync(hostName: "model"));
        }

        public ModelAgent Clone(bool isOtherBoot)
        {
            var copy = new TestAgent(_host, "model") { BootId = isOtherBoot ? "boot-clone" : _agent.BootId, Sequence = _agent.Sequence };
            copy.UseAsset(_agent.AssetId);
            return new ModelAgent(_host, copy) { _software = _software, _changes = 1000 };
        }

        public async Task DoAsync(Step step)
        {
            switch (step)
            {
                case Step.Full:
                    await SendFullAsync();
                    break;
                case Step.Light:
                    await ExchangeAsync(Light(), isReplyLost: false);
                    break;
                case Step.ChangeSoftware:
                    Change();
                    await ExchangeAsync(Light(), isReplyLost: false);
                    break;
                case Step.ChangeState:
                    _state = Given.State(updates: ++_changes % 7);
                    await ExchangeAsync(Light(), isReplyLost: false);
                    break;
                case Step.LoseReply:
                    Change();
                    await ExchangeAsync(Light(), isReplyLost: true);
                    break;
                case Step.LoseRequest:
                    Change();
                    _agent.Sequence++;
                    break;
                case Step.Replay when _last is not null:
                    await ReplayAsync(_last);
                    break;
                case Step.Reboot:
                    _agent.BootId = $"boot-{++_boots}";
                    break;
                case Step.SoftwareUnknown:
                    _isSoftwareUnknown = !_isSoftwareUnknown;
                    break;
                case Step.DiskSetBack:
                    _agent.BootId = $"boot-{++_boots}";
                    _agent.Sequence = 0;
                    _held = null; // its number would be above those of the boot to come: that is a second holder
                    await SendFullAsync();
                    break;
                case Step.Hold:
                    // Left the agent, which got no answer, and arrives when it arrives.
                    Change();
                    _held = Full();
                    break;
                case Step.Deliver when _held is not null:
                    await DeliverAsync(_held);
                    _held = null;
                    break;
                default:
                    break;
            }
        }

        public void Change()
        {
            _changes++;
            var curl = Given.Package("curl", $"1.0-{_changes}");
            _software = _changes % 2 == 0 ? Given.Software(curl, Given.Package("nginx")) : Given.Software(curl, Given.Package("openssl"));
        }

        public async Task<ReportOutcome> SendFullAsync() => await ExchangeAsync(Full(), isReplyLost: false);

        /// <summary>One last exchange without loss: the server's facts are the agent's.</summary>
        public async Task SettleAsync()
        {
            var outcome = await ExchangeAsync(Light(), isReplyLost: false);
            Assert.True(outcome is ReportOutcome.Accepted, $"The last report was answered {outcome}.");
            var facts = (await _host.Directory.LoadFactsAsync(_agent.AssetId, CancellationToken.None))!;
            Assert.Equal(_isSoftwareUnknown ? null : _software, facts.Packages);
            Assert.Equal(ReportDigest.OfState(_state), ReportDigest.OfState(facts.State));
        }

        // As the agent does it: an answer that wants everything gets everything.
        private async Task<ReportOutcome> ExchangeAsync(AssetReport report, bool isReplyLost)
        {
            var outcome = await SendAsync(report);
            if (outcome == ReportOutcome.FullReportWanted && !isReplyLost)
            {
                outcome = await SendAsync(report = Full());
            }
            if (outcome == ReportOutcome.Accepted && !isReplyLost)
            {
                _ackedSoftware = _isSoftwareUnknown ? null : _software;
                _ackedState = report.StateDigest;
            }
            return outcome;
        }

        private async Task<ReportOutcome> SendAsync(AssetReport report)
        {
            _host.Clock.Advance(TimeSpan.FromSeconds(1));
            var result = await _receive.ReceiveAsync(_agent.AssetId, report, CancellationToken.None);
            _last = report;
            var outcome = result.Response!.Outcome;
            if (outcome == ReportOutcome.Accepted)
            {
                _lastAccepted = report;
                _lastAcceptedSoftware = _isSoftwareUnknown ? null : _software;
            }
            if (_lastAccepted is { } accepted && outcome != ReportOutcome.Quarantined)
            {
                var facts = (await _host.Directory.LoadFactsAsync(_agent.AssetId, CancellationToken.None))!;
                Assert.Equal(_lastAcceptedSoftware, facts.Packages);
                Assert.Equal(accepted.StateDigest, ReportDigest.OfState(facts.State));
            }
            return outcome;
        }

        private async Task ReplayAsync(AssetReport report)
        {
            var rows = "select count(*) from inventory_report where asset_id = @id";
            var before = await _host.CountAsync(rows, new { id = _agent.AssetId });
            var result = await _receive.ReceiveAsync(_agent.AssetId, report, CancellationToken.None);
            Assert.True(result.Response!.Outcome is ReportOutcome.AlreadyStored or ReportOutcome.FullReportWanted, $"A repetition was answered {result.Response.Outcome}.");
            Assert.Equal(before, await _host.CountAsync(rows, new { id = _agent.AssetId }));
        }

        private async Task DeliverAsync(AssetReport report)
        {
            _host.Clock.Advance(TimeSpan.FromSeconds(1));
            var result = await _receive.ReceiveAsync(_agent.AssetId, report, CancellationToken.None);
            Assert.NotEqual(ReportOutcome.Quarantined, result.Response!.Outcome);
            if (result.Response.Outcome == ReportOutcome.Accepted)
            {
                Assert.True(report.Sequence > (_lastAccepted?.Sequence ?? 0), "A late report was taken for the newest.");
                (_lastAccepted, _lastAcceptedSoftware) = (report, report.Software);
            }
        }

        private AssetReport Full()
        {
            var report = _agent.Full(_software, _state);
            return _isSoftwareUnknown ? report with { Software = null, SoftwareDigest = null } : report;
        }

        private AssetReport Light()
        {
            var report = Full();
            if (report.StateDigest == _ackedState)
            {
                report = report with { State = null };
            }
            if (_isSoftwareUnknown || _ackedSoftware is null)
            {
                return report;
            }
            var known = _ackedSoftware.ToDictionary(package => $"{package.Name}:{package.Architecture}");
            var names = _software.Select(package => $"{package.Name}:{package.Architecture}").ToHashSet();
            var delta = new SoftwareDelta
            {
                Set = [.. _software.Where(package => !known.TryGetValue($"{package.Name}:{package.Architecture}", out var old) || old != package)],
                Removed = [.. known.Keys.Where(name => !names.Contains(name))],
            };
            return delta.Set.Count + delta.Removed.Count == 0
                ? report with { Software = null }
                : report with { Software = null, SoftwareDelta = delta, BaseDigest = ReportDigest.OfSoftware(_ackedSoftware) };
        }
    }
}
