using Microsoft.Extensions.Time.Testing;

namespace Suture.Simulation;

/// <summary>The scheduler: everything of a run happens in one thread, what is ready runs in an order that the dice choose, and time passes only when nothing is ready.</summary>
internal sealed class OneThread : SynchronizationContext
{
    // A run that does not come to rest is a fault of its own; the longest good one has some 20,000 steps.
    private const int StepsMax = 2_000_000;

    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly PriorityQueue<TaskCompletionSource, (DateTimeOffset Due, long Number)> _waiting = new();
    private readonly Dice _dice;
    private readonly FakeTimeProvider _time;
    private readonly int _owner = Environment.CurrentManagedThreadId;
    private long _number;

    internal OneThread(Dice dice, FakeTimeProvider time) => (_dice, _time) = (dice, time);

    /// <summary>Continuations that ran.</summary>
    internal int Steps { get; private set; }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _owner)
        {
            throw new InvalidOperationException("Something of the run left its thread: what happens would not be the seed's choice.");
        }
        _ready.Add((d, state));
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => d(state);

    /// <summary>Waits in simulated time.</summary>
    internal Task Delay(TimeSpan span)
    {
        var source = new TaskCompletionSource();
        _waiting.Enqueue(source, (_time.GetUtcNow() + span, ++_number));
        return source.Task;
    }

    /// <summary>Lets others go first, or not: a point at which the order of things may change.</summary>
    internal Task YieldAsync()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(static state => ((TaskCompletionSource)state!).SetResult(), source);
        return source.Task;
    }

    /// <summary>Runs a task to its end, and whatever else is going on meanwhile.</summary>
    internal void Run(Func<Task> start)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            var task = start();
            while (!task.IsCompleted)
            {
                Step();
            }
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    private void Step()
    {
        if (++Steps > StepsMax)
        {
            throw new BrokenRule("The run does not come to rest.");
        }
        if (_ready.Count > 0)
        {
            var chosen = _dice.Below(_ready.Count);
            var (callback, state) = _ready[chosen];
            _ready[chosen] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            callback(state);
        }
        else if (_waiting.TryDequeue(out var source, out var due))
        {
            if (due.Due > _time.GetUtcNow())
            {
                _time.SetUtcNow(due.Due); // the product's own timers fire here
            }
            source.SetResult();
        }
        else
        {
            throw new BrokenRule("Everything waits, and for nothing.");
        }
    }
}

/// <summary>Something that must never be was.</summary>
/// <param name="what">What, with its ids.</param>
internal sealed class BrokenRule(string what) : Exception(what);
