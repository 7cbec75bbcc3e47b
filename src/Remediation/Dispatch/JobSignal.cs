namespace Suture.Remediation.Dispatch;

/// <summary>Wakes polls of this node that wait for work of their asset.</summary>
internal sealed class JobSignal
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, List<TaskCompletionSource>> _waiting = [];
    private int _held;

    /// <summary>True when a poll waits.</summary>
    public bool IsAwaited => Volatile.Read(ref _held) > 0;

    /// <summary>Begins to wait; look for work after this and before <see cref="Wait.ForAsync"/>, so that nothing made in between is missed.</summary>
    /// <returns>Null when this node holds as many polls as it may.</returns>
    public Wait? Begin(Guid asset)
    {
        lock (_lock)
        {
            if (_held >= RemediationLimits.PollsHeldMax)
            {
                return null;
            }
            _held++;
            var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_waiting.TryGetValue(asset, out var polls))
            {
                _waiting[asset] = polls = [];
            }
            polls.Add(woken);
            return new Wait(this, asset, woken);
        }
    }

    public void Wake(Guid asset)
    {
        lock (_lock)
        {
            foreach (var poll in _waiting.GetValueOrDefault(asset) ?? [])
            {
                poll.TrySetResult();
            }
        }
    }

    private void End(Guid asset, TaskCompletionSource woken)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(asset, out var polls) && polls.Remove(woken))
            {
                _held--;
                if (polls.Count == 0)
                {
                    _waiting.Remove(asset);
                }
            }
        }
    }

    /// <summary>One poll's wait; wakes once.</summary>
    internal sealed class Wait(JobSignal owner, Guid asset, TaskCompletionSource woken) : IDisposable
    {
        /// <summary>Waits until woken or until the time is over.</summary>
        /// <returns>False when the time is over.</returns>
        public async Task<bool> ForAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellation)
        {
            if (longest <= TimeSpan.Zero)
            {
                return false;
            }
            try
            {
                await woken.Task.WaitAsync(longest, time, cancellation);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        public void Dispose() => owner.End(asset, woken);
    }
}
