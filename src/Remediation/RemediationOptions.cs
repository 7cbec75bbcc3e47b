namespace Suture.Remediation;

/// <summary>What the host decides for this module.</summary>
public sealed class RemediationOptions
{
    /// <summary>How long a job may wait for its agent before it expires; a maintenance window cuts it short.</summary>
    public TimeSpan JobLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a job stays with an agent that says nothing before it is offered again.</summary>
    public TimeSpan JobLease { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often the store is looked at for jobs that other nodes made.</summary>
    public TimeSpan StoreLook { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a job may stay without the fresh report that proves it before it counts as failed.</summary>
    public TimeSpan ProofWithin { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Wait of the policy after its first failed plan for a fix on an asset; it doubles with each further one.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Finds faults; empty when the options are good.</summary>
    internal IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        Between(JobLifetime, TimeSpan.FromMinutes(5), TimeSpan.FromDays(30), nameof(JobLifetime));
        Between(JobLease, TimeSpan.FromSeconds(10), TimeSpan.FromHours(2), nameof(JobLease));
        Between(StoreLook, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), nameof(StoreLook));
        Between(ProofWithin, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), nameof(ProofWithin));
        Between(RetryAfter, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), nameof(RetryAfter));
        return faults;

        void Between(TimeSpan value, TimeSpan least, TimeSpan most, string name)
        {
            if (value < least || value > most)
            {
                faults.Add($"{name} is {value}, wanted {least} to {most}.");
            }
        }
    }
}
