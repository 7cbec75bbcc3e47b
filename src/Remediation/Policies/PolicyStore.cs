using System.Reflection;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;
using Suture.Platform.Work;

namespace Suture.Remediation.Policies;

/// <summary>A policy with its text.</summary>
internal sealed record StoredPolicy(Policy Policy, string Yaml, DateTimeOffset? AppliedUtc);

/// <summary>The policy in force: the last one applied, or the shipped default while none was.</summary>
internal sealed class PolicyStore(Store store, WorkQueue queue, TimeProvider time)
{
    private volatile StoredPolicy? _last;

    /// <summary>The shipped default.</summary>
    public static StoredPolicy Default { get; } = ReadDefault();

    public Task<StoredPolicy> InForceAsync(CancellationToken cancellation) => store.ReadAsync(InForceAsync, cancellation);

    /// <summary>The policy in force as this session sees it.</summary>
    public async Task<StoredPolicy> InForceAsync(StoreSession session)
    {
        var row = await session.SingleOrDefaultAsync<Row>("select digest, yaml, applied_us from remediation_policy order by sequence desc limit 1");
        if (row is null)
        {
            return Default;
        }
        if (_last is { } last && last.Policy.Digest == row.Digest && last.AppliedUtc == row.AppliedUs)
        {
            return last;
        }
        var (policy, faults) = ReadPolicy.From(row.Yaml);
        var stored = policy is not null
            ? new StoredPolicy(policy, row.Yaml, row.AppliedUs)
            // A newer release applied it. Nothing may start under a policy that is not understood.
            : throw new InvalidOperationException($"The policy in force ({row.Digest}) is not understood by this release: {faults[0].Path} {faults[0].Remedy}. Nothing is planned until another is applied.");
        _last = stored;
        return stored;
    }

    /// <summary>Puts a policy in force and asks for new plans of the whole fleet. The same text again changes nothing.</summary>
    public Task<StoredPolicy> ApplyAsync(Policy policy, string yaml, string actor, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                // The last row is read as it stands, not parsed: a policy of a newer release that this one cannot read must be replaceable.
                var former = await session.SingleOrDefaultAsync<Row>("select digest, yaml, applied_us from remediation_policy order by sequence desc limit 1");
                if (former?.Digest == policy.Digest)
                {
                    return new StoredPolicy(policy, yaml, former.AppliedUs);
                }
                await session.ExecuteAsync(
                    """
                    insert into remediation_policy (digest, yaml, applied_us, applied_by, sequence)
                    select @Digest, @yaml, @now, @actor, coalesce(max(sequence), 0) + 1 from remediation_policy
                    """,
                    new { policy.Digest, yaml, now, actor });
                await session.AppendLedgerAsync(
                    now, actor, "policy.applied", $"policy:{policy.Digest}", new { policy.Name, Rules = policy.Rules.Count, Former = former?.Digest ?? Default.Policy.Digest },
                    LedgerScope.Installation);
                await queue.EnqueueAsync(session, now, RemediationWork.PolicyApplied, RemediationWork.All);
                return new StoredPolicy(policy, yaml, now);
            },
            cancellation);
    }

    private static StoredPolicy ReadDefault()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Suture.Remediation.default-policy.yaml")!;
        using var reader = new StreamReader(stream);
        var yaml = reader.ReadToEnd();
        var (policy, faults) = ReadPolicy.From(yaml);
        return new StoredPolicy(policy ?? throw new InvalidOperationException($"The shipped policy is faulty: line {faults[0].Line}, {faults[0].Remedy}."), yaml, null);
    }

    private sealed record Row
    {
        public string Digest { get; init; } = "";
        public string Yaml { get; init; } = "";
        public DateTimeOffset AppliedUs { get; init; }
    }
}
