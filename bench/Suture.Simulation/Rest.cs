using Suture.Agent.Reports;

namespace Suture.Simulation;

/// <summary>Whether everything that was begun has come to its end.</summary>
internal static class Rest
{
    // A job's last hour is looked at again and again while it is open; changelogs are read by a part of the server that is not simulated.
    private const string NotAwaited = "('remediation.jobs-due', 'inventory.software-changed')";

    /// <summary>What still moves.</summary>
    /// <returns>Null when nothing does.</returns>
    internal static async Task<string?> WhyNotAsync(World world)
    {
        if (world.Server.Life is not { IsDead: false } server)
        {
            return "the server is down";
        }
        if (world.Repository.HasMore)
        {
            return "not everything is published";
        }
        if (world.Agents.FirstOrDefault(agent => agent.Life.IsDead || !agent.Life.IsIdle) is { } busy)
        {
            return $"{busy.Machine.Name} has a job that is not over";
        }
        if (world.Agents.FirstOrDefault(agent => BuildReport.Differs(agent.Machine.Read(), agent.State.ReadReports())) is { } silent)
        {
            return $"{silent.Machine.Name} has a report to send";
        }
        return await server.Store.ReadAsync(
            async session =>
                await session.SingleOrDefaultAsync<string>(
                    $"select 'work ' || kind || coalesce(': ' || error, '') from platform_work where due_us is null or kind not in {NotAwaited} order by due_us limit 1")
                ?? await session.SingleOrDefaultAsync<string>("select 'a plan in state ' || state || ': ' || title from remediation_plan where state in (1, 2) limit 1")
                ?? await session.SingleOrDefaultAsync<string>("select 'a job in state ' || state || ': ' || title from remediation_job where state in (2, 3, 4) limit 1"),
            CancellationToken.None);
    }
}
