using Suture.Agent.Jobs;

namespace Suture.Agent.Platforms.Linux;

/// <summary>The locks by which apt and dpkg keep out of each other's way. They are looked at, never taken.</summary>
/// <param name="time">Clock.</param>
/// <param name="root">Root of the file system.</param>
internal sealed class PackageLocks(TimeProvider time, string root = "/")
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly string[] _dpkg = [Path.Combine(root, "var/lib/dpkg/lock-frontend"), Path.Combine(root, "var/lib/dpkg/lock")];
    private readonly string[] _lists = [Path.Combine(root, "var/lib/apt/lists/lock")];

    /// <summary>A lock on the installed packages that somebody holds.</summary>
    /// <returns>Its path; null when they are free.</returns>
    public string? FindHeld() => Array.Find(_dpkg, Native.IsLocked);

    /// <summary>Waits until nobody changes packages, at most <see cref="JobLimits.LockWait"/>.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The lock that is held still; null when they are free.</returns>
    public Task<string?> WaitForPackagesAsync(CancellationToken cancellation) => WaitAsync(_dpkg, cancellation);

    /// <summary>Waits until nobody refreshes the indexes, at most <see cref="JobLimits.LockWait"/>.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The lock that is held still; null when it is free.</returns>
    public Task<string?> WaitForIndexesAsync(CancellationToken cancellation) => WaitAsync(_lists, cancellation);

    private async Task<string?> WaitAsync(string[] paths, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (Array.Find(paths, Native.IsLocked) is { } held)
        {
            if (time.GetElapsedTime(began) >= JobLimits.LockWait)
            {
                return held;
            }
            await Task.Delay(LookEvery, time, cancellation);
        }
        return null;
    }
}
