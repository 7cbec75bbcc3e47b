using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Bench.Loop;

/// <summary>Times new KEV entries until the plans that they call for wait for a person.</summary>
/// <remarks>
/// 1. A policy is put in force that plans what is in KEV and nothing else: under the shipped one a fix of which nothing is known is planned at once as
///    unrated, and no vulnerability would be left over.
/// 2. Fixes that every asset's own indexes offer, and that no plan carries, are taken one after the other; one vulnerability of each enters the catalogue.
/// 3. The clock starts with the request that imports it, and stops when on every asset of the fix a plan in <c>waiting_approval</c> carries the
///    vulnerability; the looks are <see cref="LoopLimits.PlansPoll"/> apart.
/// </remarks>
internal sealed class MeasureKevEntries(ServerUnderTest server, KevCatalogue catalogue, TimeProvider time)
{
    private const int PageRows = 500;

    private const string Policy =
        """
        version: 1
        name: bench
        rules:
          - name: known exploited in production
            when: {environment: [production], kev: true}
            then: {treatment: patch, approval: person, window: null, restart: services, reboot: never}
        """;

    private readonly WaitingPlans _plans = new(server.Api);
    private readonly List<TimeSpan> _all = [];
    private readonly List<TimeSpan> _first = [];
    private readonly List<TimeSpan> _import = [];
    private readonly ErrorList _errors = new();

    /// <summary>Measures.</summary>
    /// <param name="entries">Entries to time.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<KevFigures> RunAsync(int entries, CancellationToken cancellation)
    {
        await server.Api.ApplyPolicyAsync(Policy, cancellation);
        await server.WaitForIdleAsync(cancellation);
        var fixes = await UnplannedAsync(entries, cancellation);
        var cpuBefore = server.ProcessorTime;
        foreach (var fix in fixes)
        {
            try
            {
                await EnterAsync(fix.Vulnerabilities[0], fix.Assets.Values.Sum(), cancellation);
            }
            catch (Exception fault) when (ErrorList.Counts(fault, cancellation))
            {
                _errors.Add(fault);
            }
            await server.WaitForIdleAsync(cancellation);
        }
        return new KevFigures
        {
            Seconds = Distribution.Of(_all),
            FirstPlanSeconds = Distribution.Of(_first),
            ImportSeconds = Distribution.Of(_import),
            ServerCpuSecondsEach = fixes.Count == 0 ? null : (server.ProcessorTime - cpuBefore).TotalSeconds / fixes.Count,
            Asked = entries,
            Errors = _errors.Count,
            ErrorTexts = _errors.Texts,
            BarSeconds = LoopLimits.KevBar.TotalSeconds,
        };
    }

    private async Task<IReadOnlyList<FixRow>> UnplannedAsync(int most, CancellationToken cancellation)
    {
        var fixes = await server.Api.ListAsync($"fixes?kev=false&limit={PageRows}", ContractsJson.Default.PageFixRow, cancellation);
        return [.. fixes.Where(fix => fix is { PatchReady: true, Plan: null, Vulnerabilities.Count: > 0 } && fix.PendingEffect == 0).Take(most)];
    }

    private async Task EnterAsync(string vulnerability, int assets, CancellationToken cancellation)
    {
        if (await _plans.CountAssetsAsync(vulnerability, cancellation) > 0)
        {
            throw new BenchException($"a plan carries {vulnerability} already");
        }
        await catalogue.AddAsync(vulnerability, cancellation);
        var started = time.GetTimestamp();
        await server.ImportAsync(catalogue.Directory, cancellation);
        var imported = time.GetElapsedTime(started);
        TimeSpan? first = null;
        while (true)
        {
            var planned = await _plans.CountAssetsAsync(vulnerability, cancellation);
            var elapsed = time.GetElapsedTime(started);
            first ??= planned > 0 ? elapsed : null;
            if (planned >= assets)
            {
                _import.Add(imported);
                _first.Add(first!.Value);
                _all.Add(elapsed);
                return;
            }
            if (elapsed > LoopLimits.KevWait)
            {
                throw new BenchException($"waiting plans carry {vulnerability} on {planned} of {assets} assets after {elapsed.TotalSeconds:F0} s");
            }
            await Task.Delay(LoopLimits.PlansPoll, time, cancellation);
        }
    }
}
