using Suture.Contracts;
using Suture.Contracts.Inventory;

namespace Suture.Bench.Loop;

/// <summary>An agent that reports its endpoint's facts, as the real one does: everything first, then what changed. Not safe for use by two at once.</summary>
/// <param name="asset">The asset that the server made of it.</param>
/// <param name="facts">Its endpoint.</param>
/// <param name="connection">Its connection; owned from here on.</param>
/// <param name="time">Clock.</param>
internal sealed class BenchAgent(Guid asset, EndpointFacts facts, AgentConnection connection, TimeProvider time) : IDisposable
{
    /// <summary>Version that the benchmark's agents state.</summary>
    public const string Version = "0.1.0+bench";

    private long _sequence;
    private ReportContent? _known;

    /// <summary>The asset that the server made of it.</summary>
    public Guid Asset => asset;

    /// <summary>Its endpoint.</summary>
    public EndpointFacts Facts => facts;

    /// <summary>True when the state last reported is the one with the update made.</summary>
    public bool IsUpgraded { get; private set; }

    /// <summary>Findings of the changing source that the server must show for the state last reported.</summary>
    public int FindingsExpected => IsUpgraded ? 0 : facts.Change.Findings;

    /// <summary>Makes the next report, ready to be sent.</summary>
    /// <param name="isUpgraded">The state to report.</param>
    public ByteArrayContent Prepare(bool isUpgraded)
    {
        var content = isUpgraded ? facts.New : facts.Old;
        var changed = isUpgraded ? facts.Change.Upgrade.New : facts.Change.Upgrade.Old;
        var report = new AssetReport
        {
            Schema = 1,
            BootId = facts.BootId,
            Sequence = ++_sequence,
            TakenUtc = time.GetUtcNow(),
            AgentVersion = Version,
            ObservedOnly = false,
            HostName = facts.Name,
            SoftwareDigest = content.SoftwareDigest,
            Software = _known is null ? content.Packages : null,
            BaseDigest = _known?.SoftwareDigest,
            SoftwareDelta = _known is null ? null : new SoftwareDelta { Set = changed, Removed = [] },
            StateDigest = content.StateDigest,
            State = content.State,
            Vitals = facts.Vitals,
        };
        return AgentConnection.Pack(report, ContractsJson.Default.AssetReport);
    }

    /// <summary>Sends a report that <see cref="Prepare"/> made.</summary>
    /// <param name="report">The report; disposed here.</param>
    /// <param name="isUpgraded">The state it reports.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="BenchException">It was not accepted; the next report then tells everything.</exception>
    public async Task SendAsync(ByteArrayContent report, bool isUpgraded, CancellationToken cancellation)
    {
        using (report)
        {
            _known = null;
            var answer = await connection.SendAsync("report", report, ContractsJson.Default.ReportResponse, cancellation);
            if (answer.Outcome != ReportOutcome.Accepted)
            {
                throw new BenchException($"a report of {facts.Name} was answered with {answer.Outcome}, wanted is {ReportOutcome.Accepted}: {answer.Detail}");
            }
            _known = isUpgraded ? facts.New : facts.Old;
            IsUpgraded = isUpgraded;
        }
    }

    public void Dispose() => connection.Dispose();
}
