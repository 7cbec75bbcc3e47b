using Suture.Contracts.Ledger;

namespace Suture.Agent.State;

/// <summary>Keeps what the server signed of its ledger, so that a ledger which was changed, cut or put back later can be shown to be so: the server is told the newest with each poll, and
/// <c>suture-agent checkpoints</c> prints them for <c>suture ledger verify --checkpoints</c>.</summary>
/// <remarks>A checkpoint that does not go on from the newest is not kept: the older word stands. For the last day the first of each ten minutes is kept, before that the first of each day.</remarks>
internal sealed class CheckpointKeeper
{
    /// <summary>Checkpoints that are kept: a year and a day.</summary>
    public const int KeptMax = 510;

    /// <summary>How finely the last day is kept, and how often the file is written at the most.</summary>
    private static readonly TimeSpan Grain = TimeSpan.FromMinutes(10);

    private readonly StateDirectory _state;
    private readonly TimeProvider _time;
    private List<Checkpoint> _kept;
    private DateTimeOffset? _written;

    public CheckpointKeeper(StateDirectory state, TimeProvider time)
    {
        (_state, _time) = (state, time);
        try
        {
            _kept = [.. state.ReadCheckpoints()];
        }
        catch (InvalidDataException fault)
        {
            // No reason to leave the machine alone: the server and other endpoints have theirs.
            AgentLog.Warning(7111, $"Kept checkpoints are lost: {fault.Message}");
            _kept = [];
        }
    }

    /// <summary>The newest; null when none is kept.</summary>
    public Checkpoint? Newest => _kept.Count > 0 ? _kept[^1] : null;

    /// <summary>Takes what the server's poll brought.</summary>
    /// <param name="given">The server's newest; null when it has none.</param>
    public void Take(Checkpoint? given)
    {
        if (given is null || given == Newest)
        {
            return;
        }
        if (!IsWellFormed(given))
        {
            AgentLog.Warning(7112, $"The server's checkpoint is out of bounds and not kept");
            return;
        }
        if (given.Position <= Newest?.Position)
        {
            AgentLog.Warning(7113, $"The server's ledger went from position {Newest.Position} back to {given.Position}; what was signed before is kept and shown");
            return;
        }
        _kept = Thin([.. _kept, given]);
        var now = _time.GetUtcNow();
        if (_written is null || now - _written >= Grain || now < _written)
        {
            Write(now);
        }
    }

    /// <summary>What stays of a list: the newest; of the day before it the first of each ten minutes; of the time before the first of each day; at most <see cref="KeptMax"/>.</summary>
    /// <param name="checkpoints">Oldest first.</param>
    internal static List<Checkpoint> Thin(IReadOnlyList<Checkpoint> checkpoints)
    {
        var newest = checkpoints[^1];
        var seen = new HashSet<(bool IsDay, long Slot)>();
        var kept = new List<Checkpoint>();
        foreach (var each in checkpoints)
        {
            var isDay = newest.AtUtc - each.AtUtc > TimeSpan.FromDays(1);
            var slot = each.AtUtc.UtcTicks / (isDay ? TimeSpan.TicksPerDay : Grain.Ticks);
            if (seen.Add((isDay, slot)) || each == newest)
            {
                kept.Add(each);
            }
        }
        return kept.Count <= KeptMax ? kept : kept[^KeptMax..];
    }

    internal static bool IsWellFormed(Checkpoint given) => given is { Position: > 0, Hash.Length: 64, KeyId.Length: 16, Signature.Length: 88 };

    private void Write(DateTimeOffset now)
    {
        try
        {
            _state.WriteCheckpoints(_kept);
            _written = now;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            AgentLog.Warning(7114, $"Checkpoints could not be written and are tried again: {fault.Message}"); // no reason to stop polling
        }
    }
}
