using Suture.Contracts.Api;
using Suture.Exposure.Fixes;
using Suture.Platform.Storage;
using Suture.Platform.Work;
using Suture.Remediation;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Planning;
using Suture.Remediation.Verification;
using Suture.Tests;
using static Suture.Server.Tests.Remediation.GivenRemediation;

namespace Suture.Server.Tests.Remediation;

/// <summary>Two transactions that meet in the middle. SQLite has one writer, so they can meet on PostgreSQL only.</summary>
public sealed class RaceTests(StoreFixture stores)
{
    [Fact]
    public async Task TwoTransactionsMoveTheLastTwoJobsOfAPlan_ThePlanEnds()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "postgresql");
        var (first, second) = await PlanOfTwoAsync(world);
        var (secondMoved, firstLooked, secondLooked) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());

        var one = Task.Run(() => world.Store.WriteAsync(
            async session =>
            {
                await FailAsync(world, session, first);
                await secondMoved.Task;
                await world.Get<EndPlan>().AfterJobsAsync(session, first.Plan!.Value, first.Asset, world.Time.GetUtcNow());
                firstLooked.SetResult();
                await BlockedOrAsync(world, secondLooked.Task);
            },
            CancellationToken.None));
        await world.Store.WriteAsync(
            async session =>
            {
                await FailAsync(world, session, second);
                secondMoved.SetResult();
                await firstLooked.Task;
                await world.Get<EndPlan>().AfterJobsAsync(session, second.Plan!.Value, second.Asset, world.Time.GetUtcNow());
                secondLooked.SetResult();
            },
            CancellationToken.None);
        await one;

        Assert.Equal(PlanState.EndedUnverified, Assert.Single(await world.PlansAsync()).State);
    }

    [Fact]
    public async Task TheAgentTakesAJobWhileItsTimeRunsOut_ItIsLookedAtAgain()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "postgresql");
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();
        var job = Assert.Single(await world.JobsAsync());
        world.Time.Advance(new RemediationOptions().JobLifetime);
        var leased = new TaskCompletionSource();

        var lease = world.Store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    "update remediation_job set state = @leased, version = version + 1, leased_us = @now, leased_until_us = @now where id = @Id",
                    new { job.Id, leased = (int)JobState.Leased, now = world.Time.GetUtcNow() });
                leased.SetResult();
                await BlockedOrAsync(world, new TaskCompletionSource().Task);
            },
            CancellationToken.None);
        await leased.Task;
        await world.Get<WorkLoop>().RunDueAsync(CancellationToken.None);
        await lease;

        Assert.Equal(JobState.Leased, Assert.Single(await world.JobsAsync()).State);
        world.Time.Advance(new RemediationOptions().ProofWithin);
        await world.RunAsync();
        Assert.Equal(JobState.Failed, Assert.Single(await world.JobsAsync()).State);
    }

    [Fact]
    public async Task TheJobMovesWhileItsResultArrives_TheResultIsTaken()
    {
        await using var world = await RemediationWorld.StartAsync(stores, "postgresql");
        var asset = await world.EnrolAsync();
        await world.ReportAsync(asset);
        await world.RunAsync();
        var job = LoopTests.Read(Assert.Single((await world.PollAsync(asset)).Jobs)).JobId;
        var moved = new TaskCompletionSource();

        var move = world.Store.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("update remediation_job set version = version + 1 where id = @job", new { job });
                moved.SetResult();
                await BlockedOrAsync(world, new TaskCompletionSource().Task);
            },
            CancellationToken.None);
        await moved.Task;
        var taken = await world.ResultAsync(asset, job);
        await move;

        Assert.Equal(ResultTaken.Taken, taken);
        Assert.Equal(JobState.Unproven, Assert.Single(await world.JobsAsync()).State);
    }

    private static async Task<(JobRow First, JobRow Second)> PlanOfTwoAsync(RemediationWorld world)
    {
        foreach (var name in new[] { "web1", "web2" })
        {
            await world.ReportAsync(await world.EnrolAsync(name), [Finding(critical: false, kev: false)]);
        }
        await world.RunAsync();
        Assert.True(FixKey.TryParse($"bookworm/openssl/{Fixed}", out var fix));
        await world.Get<RequestPlan>().HandleAsync(RemediationWorld.Person("anna"), fix, null, CancellationToken.None);
        await world.DecideAsync(Assert.Single(await world.PlansAsync()).Id);
        await world.RunAsync();
        var jobs = await world.JobsAsync();
        Assert.Equal(2, jobs.Count);
        return (jobs[0], jobs[1]);
    }

    private static async Task FailAsync(RemediationWorld world, StoreSession session, JobRow row)
    {
        var job = (await session.SingleOrDefaultAsync<JobStore.Row>($"select {JobStore.Columns} from remediation_job where id = @Id", new { row.Id }))!;
        Assert.True(await JobStore.MoveAsync(session, job, JobState.Failed, "the test says so", null, 0, world.Time.GetUtcNow()));
    }

    /// <summary>Waits until another transaction waits for a lock of this one, or until something else is done.</summary>
    private static async Task BlockedOrAsync(RemediationWorld world, Task other)
    {
        while (!other.IsCompleted)
        {
            var waiting = await world.Store.ReadAsync(
                session => session.SingleOrDefaultAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
                TestContext.Current.CancellationToken);
            if (waiting > 0)
            {
                return;
            }
        }
    }
}
