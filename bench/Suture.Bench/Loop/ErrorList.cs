namespace Suture.Bench.Loop;

/// <summary>Counts errors, and keeps the first in words. Safe for use by many at once.</summary>
internal sealed class ErrorList
{
    private readonly Lock _gate = new();
    private readonly List<string> _texts = [];

    /// <summary>Errors counted.</summary>
    public int Count { get; private set; }

    /// <summary>The first of them, at most <see cref="LoopLimits.ErrorsToldMax"/>.</summary>
    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (_gate)
            {
                return [.. _texts];
            }
        }
    }

    /// <summary>True for what goes wrong in one measurement while the run goes on: a refusal, a lost connection, a request without an answer in time.</summary>
    public static bool Counts(Exception fault, CancellationToken cancellation) =>
        !cancellation.IsCancellationRequested && fault is BenchException or HttpRequestException or IOException or TaskCanceledException;

    /// <summary>Counts those of another list.</summary>
    public void Add(ErrorList other)
    {
        lock (_gate)
        {
            Count += other.Count;
            _texts.AddRange(other.Texts.Take(LoopLimits.ErrorsToldMax - _texts.Count));
        }
    }

    /// <summary>Counts one.</summary>
    public void Add(Exception fault)
    {
        lock (_gate)
        {
            Count++;
            if (_texts.Count < LoopLimits.ErrorsToldMax)
            {
                _texts.Add(fault.Message);
            }
        }
    }
}
