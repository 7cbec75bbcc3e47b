using Suture.Agent.State;
using Suture.Agent.Transport;
using Suture.Contracts.Inventory;

namespace Suture.Agent.Reports;

/// <summary>Brings one report to the server.</summary>
internal interface IReportCarrier
{
    /// <summary>Sends it and waits for the answer.</summary>
    /// <param name="report">The report.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>The answer, or why there is none.</returns>
    Task<Reply<ReportResponse>> ReportAsync(AssetReport report, CancellationToken cancellation);
}

/// <summary>Takes reports and brings them to the server. One at a time.</summary>
/// <param name="state">Where the memory lies.</param>
/// <param name="reader">Reads this machine.</param>
/// <param name="observedOnly">What the configuration says.</param>
/// <param name="time">Clock.</param>
internal sealed class ReportSender(StateDirectory state, IMachineReader reader, bool observedOnly, TimeProvider time) : IDisposable
{
    /// <summary>A report is sent at least this often, even when nothing changed: it says that this is still so.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _one = new(1);
    private ReportMemory _memory = state.ReadReports();
    private bool _isFullWanted;

    /// <summary>Number of the last report sent; 0 when none.</summary>
    public long LastSequence => Volatile.Read(ref _memory).Sequence;

    /// <summary>How long the server asked to wait when it last refused a report; null when it said nothing, or took it.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>The next report will be a full one.</summary>
    public void WantFull() => _isFullWanted = true;

    /// <summary>Reads the machine and reports it when the server does not know it yet.</summary>
    /// <param name="carrier">Connection.</param>
    /// <param name="isForced">True: report even when nothing changed.</param>
    /// <param name="isFull">True: everything, whatever the server has.</param>
    /// <param name="afterJob">The job it follows; null for one by schedule.</param>
    /// <param name="cancellation">Shutdown.</param>
    /// <returns>Answered when nothing was to be told or the server has taken it.</returns>
    public async Task<ReplyOutcome> SendAsync(IReportCarrier carrier, bool isForced, bool isFull, Guid? afterJob, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            var facts = reader.Read();
            var isDue = isForced || isFull || _isFullWanted || time.GetUtcNow() - _memory.AcknowledgedUtc is not { } age || age < TimeSpan.Zero || age >= Heartbeat;
            if (!isDue && !BuildReport.Differs(facts, _memory))
            {
                return ReplyOutcome.Answered;
            }
            var ask = new ReportAsk { IsFull = isFull || _isFullWanted, AfterJob = afterJob, AgentVersion = AgentVersion.Text, ObservedOnly = observedOnly };
            var outcome = await SendOnceAsync(carrier, facts, ask, cancellation);
            return outcome is null ? await SendOnceAsync(carrier, facts, ask with { IsFull = true }, cancellation) ?? ReplyOutcome.Rejected : outcome.Value;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <returns>Null when the server wants everything.</returns>
    private async Task<ReplyOutcome?> SendOnceAsync(IReportCarrier carrier, MachineFacts facts, ReportAsk ask, CancellationToken cancellation)
    {
        var before = _memory;
        var report = BuildReport.From(facts, before, ask.IsFull || before.SoftwareDigest is null ? null : state.ReadSoftware(), ask);
        // The number is used up before the report leaves, and until the answer nothing is known of what the server has.
        Remember(new ReportMemory { Sequence = report.Sequence, AcknowledgedUtc = before.AcknowledgedUtc });
        var reply = await carrier.ReportAsync(report, cancellation);
        RetryAfter = reply.RetryAfter;
        if (!reply.IsAnswered)
        {
            AgentLog.Warning(7201, $"Report {report.Sequence} was not taken: {reply.Detail}");
            return reply.Outcome;
        }
        AgentLog.Information(7202, $"Report {report.Sequence} ({KindOf(report)}): {reply.Value!.Outcome}. {reply.Value.Detail}");
        return Digest(reply.Value.Outcome, facts, report, before);
    }

    private ReplyOutcome? Digest(ReportOutcome outcome, MachineFacts facts, AssetReport report, ReportMemory before)
    {
        switch (outcome)
        {
            case ReportOutcome.Accepted or ReportOutcome.AlreadyStored:
                if (facts.Packages is not null && report.SoftwareDigest != before.SoftwareDigest)
                {
                    state.WriteSoftware(facts.Packages);
                }
                Remember(new ReportMemory
                {
                    Sequence = report.Sequence,
                    SoftwareDigest = report.SoftwareDigest,
                    StateDigest = report.StateDigest,
                    AcknowledgedUtc = report.TakenUtc,
                });
                _isFullWanted = false;
                return ReplyOutcome.Answered;
            case ReportOutcome.FullReportWanted:
                return null;
            case ReportOutcome.Quarantined:
                AgentLog.Error(7203, $"The server has quarantined this identity: two machines hold it. An operator must decide; see the server's console.");
                return ReplyOutcome.Denied;
            default:
                return ReplyOutcome.Rejected;
        }
    }

    private void Remember(ReportMemory memory)
    {
        state.WriteReports(memory);
        Volatile.Write(ref _memory, memory);
    }

    private static string KindOf(AssetReport report) => report switch
    {
        { Software: not null } => "all software",
        { SoftwareDelta: not null } => "difference",
        { State: not null } => "state",
        _ => "unchanged",
    };

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();
}
