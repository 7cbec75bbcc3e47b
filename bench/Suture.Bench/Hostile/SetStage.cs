using System.Globalization;
using Suture.Bench.Loop;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Jobs;

namespace Suture.Bench.Hostile;

/// <summary>Who takes part once everybody has joined.</summary>
internal sealed class Stage(ServerUnderTest server, Guid other, Guid otherJob, int assetsWithJobs)
{
    /// <summary>The attacker of the warm-up.</summary>
    public required HostileContext WarmUp { get; init; }

    /// <summary>One attacker an attack, in the same order.</summary>
    public required IReadOnlyList<HostileContext> Attackers { get; init; }

    /// <summary>What the server believed an attacker, or did to another's job for it.</summary>
    /// <returns>In words; empty when nothing.</returns>
    public async Task<IReadOnlyList<string>> FindBelievedAsync(HostileContext attacker, CancellationToken cancellation)
    {
        await server.WaitForIdleAsync(cancellation, assetsWithJobs);
        var found = new List<string>();
        if (attacker.OwnJob != Guid.Empty)
        {
            var job = await FindAsync(attacker.Joined.Asset, attacker.OwnJob, cancellation);
            if (job.State is JobState.Verified or JobState.PendingEffect)
            {
                found.Add($"{attacker.Name} lied that a job is done, and it became {job.State}: {job.Evidence}");
            }
        }
        if (otherJob != Guid.Empty && await FindAsync(other, otherJob, cancellation) is { State: not JobState.Ready } touched)
        {
            found.Add($"the job of another became {touched.State}: {touched.Evidence}");
        }
        var row = (await server.Api.GetAsync($"assets/{attacker.Joined.Asset}", ContractsJson.Default.AssetDetail, cancellation)).Asset;
        if (row.LastReportUtc is { } last && Math.Abs((last - attacker.NowUtc).TotalDays) > 1)
        {
            found.Add($"{attacker.Name} has its last report at {last:O}");
        }
        return found;
    }

    private async Task<JobRow> FindAsync(Guid asset, Guid job, CancellationToken cancellation) =>
        (await server.Api.ListAsync($"jobs?asset={asset}&limit=500", ContractsJson.Default.PageJobRow, cancellation)).Single(row => row.Id == job);
}

/// <summary>Has everybody join, the honest begin, and those who lie about jobs get one.</summary>
internal sealed class SetStage(ServerUnderTest server, HostileFacts facts, TimeProvider time)
{
    private readonly JoinEndpoint _join = new(server, time);
    private int _assetsWithJobs;

    /// <summary>Sets it.</summary>
    /// <param name="honest">Takes the honest agents; they run when this returns.</param>
    /// <param name="agents">How many.</param>
    /// <param name="attacks">The attacks.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Stage> RunAsync(HonestAgents honest, int agents, IReadOnlyList<Attack> attacks, CancellationToken cancellation)
    {
        for (var number = 1; number <= agents; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"honest-{number:000}");
            honest.Add(new HonestAgent(await _join.RunAsync(name, cancellation), name, facts.UpToDate, server.Agents, time));
        }
        // It never polls, so its job stays as it is unless another's word moves it.
        var other = await _join.RunAsync("other", cancellation);
        var otherJob = (await server.Api.PostAsync($"assets/{other.Asset}/report-now", ContractsJson.Default.JobRow, cancellation)).Id;
        _assetsWithJobs++;
        var warmUp = await JoinAsync("hostile-000", honest, otherJob, cancellation);
        var attackers = new List<HostileContext>();
        foreach (var attack in attacks)
        {
            var attacker = await JoinAsync(string.Create(CultureInfo.InvariantCulture, $"hostile-{attackers.Count + 1:000}"), honest, otherJob, cancellation);
            attackers.Add(attack.HasJobs ? attacker with { OwnJob = await TakeJobAsync(attacker, cancellation) } : attacker);
        }
        await honest.StartAsync(cancellation);
        await server.WaitForIdleAsync(cancellation, _assetsWithJobs);
        return new Stage(server, other.Asset, otherJob, _assetsWithJobs) { WarmUp = warmUp, Attackers = attackers };
    }

    private async Task<HostileContext> JoinAsync(string name, HonestAgents honest, Guid otherJob, CancellationToken cancellation) => new()
    {
        Joined = await _join.RunAsync(name, cancellation), Name = name, Others = honest.Assets, OtherBoot = honest.FirstBoot, OtherJob = otherJob,
        Facts = facts.Behind, SmallFacts = facts.Small, NowUtc = time.GetUtcNow(),
    };

    /// <summary>Reports updates that are not made, has a person approve the plan, and takes its job.</summary>
    private async Task<Guid> TakeJobAsync(HostileContext attacker, CancellationToken cancellation)
    {
        using var connection = new AgentConnection(server.Agents, attacker.Joined.Authority, new(attacker.Joined.Identity));
        using var report = AgentConnection.Pack(HostileBodies.Report(attacker.Name, "boot-1", 1, attacker.Facts, attacker.NowUtc), ContractsJson.Default.AssetReport);
        await connection.SendAsync("report", report, ContractsJson.Default.ReportResponse, cancellation);
        await server.WaitForIdleAsync(cancellation, _assetsWithJobs);
        foreach (var plan in await server.Api.ListAsync("plans?state=waiting_approval&limit=500", ContractsJson.Default.PagePlanRow, cancellation))
        {
            var detail = await server.Api.GetAsync($"plans/{plan.Id}", ContractsJson.Default.PlanDetail, cancellation);
            if (detail.Changes.Any(change => change.Asset == attacker.Joined.Asset))
            {
                await server.Api.PostAsync(
                    $"plans/{plan.Id}/approve", new PlanDecisionRequest { Hash = plan.Hash }, ContractsJson.Default.PlanDecisionRequest, ContractsJson.Default.PlanDetail, cancellation);
            }
        }
        _assetsWithJobs++;
        await server.WaitForIdleAsync(cancellation, _assetsWithJobs);
        using var poll = AgentConnection.Plain(new PollRequest { BootId = "boot-1", LastSequence = 1, WaitSeconds = 10 }, ContractsJson.Default.PollRequest);
        var offered = await connection.SendAsync("poll", poll, ContractsJson.Default.PollResponse, cancellation);
        var jobs = await server.Api.ListAsync($"jobs?asset={attacker.Joined.Asset}&limit=500", ContractsJson.Default.PageJobRow, cancellation);
        return offered.Jobs.Count > 0 && jobs.FirstOrDefault(job => job.State == JobState.Leased) is { } taken
            ? taken.Id
            : throw new BenchException($"{attacker.Name} got no job to lie about; its jobs: {string.Join(", ", jobs.Select(job => $"{job.Title} {job.State}"))}");
    }
}
