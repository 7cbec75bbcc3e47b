using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Suture.Inventory.Certificates;
using Suture.Platform.Storage;

namespace Suture.Inventory;

/// <summary>Removes what nothing refers to any more: content of reports that are gone, tokens and certificates long past their end.</summary>
internal sealed partial class CleanInventory(Store store, TimeProvider time, ILogger<CleanInventory> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    // Content that a report brought within this time is left alone, whether its row is visible yet or not.
    private static readonly TimeSpan UnusedFor = TimeSpan.FromHours(1);
    private static readonly TimeSpan TokensKept = TimeSpan.FromDays(30);

    /// <summary>Removes it now.</summary>
    public Task CleanAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    """
                    delete from inventory_software_set where used_us < @unused
                      and not exists (select 1 from inventory_report r where r.software_digest = inventory_software_set.digest)
                    """,
                    new { unused = now - UnusedFor });
                await session.ExecuteAsync(
                    """
                    delete from inventory_machine_state where used_us < @unused
                      and not exists (select 1 from inventory_report r where r.state_digest = inventory_machine_state.digest)
                    """,
                    new { unused = now - UnusedFor });
                await session.ExecuteAsync("delete from inventory_enrollment_token where expires_us < @end", new { end = now - TokensKept });
                await session.ExecuteAsync("delete from inventory_certificate where not_after_us < @end", new { end = now - Certificate.RenewalGrace });
            },
            cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await CleanAsync(stoppingToken);
            }
            // The one place of this loop that catches everything: what stays is removed next time.
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogNotCleaned(fault);
            }
        }
    }

    [LoggerMessage(1002, LogLevel.Warning, "Unused content could not be removed; it is tried again in an hour")]
    private partial void LogNotCleaned(Exception fault);
}
