using Suture.Contracts.Api;
using Suture.Contracts.Jobs;
using Suture.Contracts.Ledger;
using Suture.Knowledge.Versions;
using Suture.Platform.Ledger;
using Suture.Platform.Storage;

namespace Suture.Simulation;

/// <summary>What must hold when all is over: compared are the machines' own logs, what agents and people were told, and the tables, read by statements of the checks' own.</summary>
internal sealed class Checks(World world)
{
    private sealed record PlanRow
    {
        public Guid Id { get; init; }
        public PlanState State { get; init; }
    }

    private sealed record PartRow
    {
        public Guid PlanId { get; init; }
        public Guid AssetId { get; init; }
    }

    private sealed record JobRow
    {
        public Guid Id { get; init; }
        public Guid PlanId { get; init; }
        public Guid AssetId { get; init; }
        public JobVerb Verb { get; init; }
        public JobState State { get; init; }
        public string? Result { get; init; }
    }

    private sealed record FactRow
    {
        public string Action { get; init; } = "";
        public string Subject { get; init; } = "";
        public int Times { get; init; }
    }

    private readonly Store _store = world.Server.Life!.Store;
    private IReadOnlyList<PlanRow> _plans = [];
    private IReadOnlyList<PartRow> _parts = [];
    private IReadOnlyList<JobRow> _jobs = [];
    private Dictionary<(string Action, string Subject), int> _facts = [];

    internal async Task RunAsync()
    {
        _plans = await RowsAsync<PlanRow>("select id, state from remediation_plan");
        _parts = await RowsAsync<PartRow>("select distinct plan_id, asset_id from remediation_plan_asset");
        _jobs = await RowsAsync<JobRow>("select id, plan_id, asset_id, verb, state, result from remediation_job");
        _facts = (await RowsAsync<FactRow>("select action, subject, count(*) as times from platform_ledger group by action, subject"))
            .ToDictionary(fact => (fact.Action, fact.Subject), fact => fact.Times);
        CheckDecisions();
        CheckJobs();
        foreach (var agent in world.Agents)
        {
            CheckEffects(agent);
            await CheckReportsAsync(agent);
            CheckFixed(agent);
            await CheckFindingsAsync(agent);
        }
        await CheckLedgerAsync();
        world.Counts.Plans += _plans.Count;
        world.Counts.Jobs += _jobs.Count;
        world.Counts.Verified += _jobs.Count(job => job.State == JobState.Verified);
        world.Counts.Upgrades += world.Agents.Sum(agent => agent.Machine.Upgrades.Count);
        world.Counts.Restarts += world.Agents.Sum(agent => agent.Machine.Restarts.Count);
        world.Counts.Reboots += world.Agents.Sum(agent => agent.Machine.Reboots.Count);
    }

    /// <summary>No decision that a person was told of is lost, none counts twice, and the ledger has each once.</summary>
    private void CheckDecisions()
    {
        foreach (var plan in _plans)
        {
            var (approved, rejected) = (Facts("plan.approved", "plan", plan.Id), Facts("plan.rejected", "plan", plan.Id));
            Require(Facts("plan.made", "plan", plan.Id) == 1, plan.Id, "was made other than once");
            Require(approved + rejected <= 1, plan.Id, $"was decided on {approved + rejected} times");
            Require(approved == (plan.State is PlanState.Approved or PlanState.Verified or PlanState.EndedUnverified || (plan.State == PlanState.Withdrawn && approved == 1) ? 1 : 0), plan.Id,
                $"is {plan.State} with {approved} approvals in the ledger");
            Require(rejected == (plan.State == PlanState.Rejected ? 1 : 0), plan.Id, $"is {plan.State} with {rejected} rejections in the ledger");
            Require(Facts("plan.withdrawn", "plan", plan.Id) <= 1, plan.Id, "was taken back twice");
        }
        foreach (var person in (Person[])[world.Approver, world.Other])
        {
            foreach (var plan in person.Approved)
            {
                Require(Facts("plan.approved", "plan", plan) == 1, plan, "lost an approval that was acknowledged");
            }
            foreach (var plan in person.Rejected)
            {
                Require(Facts("plan.rejected", "plan", plan) == 1, plan, "lost a rejection that was acknowledged");
            }
            foreach (var plan in person.Withdrawn)
            {
                Require(Facts("plan.withdrawn", "plan", plan) + Facts("plan.stopped", "plan", plan) >= 1, plan, "lost a withdrawal that was acknowledged");
            }
        }
    }

    /// <summary>Jobs come from approved plans only, each is made, taken and answered at most once.</summary>
    private void CheckJobs()
    {
        foreach (var job in _jobs)
        {
            Require(Facts("plan.approved", "plan", job.PlanId) == 1, job.Id, "belongs to a plan that nobody approved");
            Require(Facts("job.made", "job", job.Id) == 1, job.Id, "was made other than once");
            Require(Facts("job.taken", "job", job.Id) <= 1, job.Id, "was taken twice");
            Require(Facts("job.result", "job", job.Id) == (job.Result is null ? 0 : 1), job.Id, "has other results than the ledger");
        }
    }

    /// <summary>Nothing was done to a machine twice, and nothing without an approval.</summary>
    private void CheckEffects(SimulatedAgent agent)
    {
        var machine = agent.Machine;
        var known = _jobs.Where(job => job.AssetId == agent.Asset).ToDictionary(job => job.Id);
        Require(agent.Taken.Select(job => job.JobId).Distinct().Count() == agent.Taken.Count, agent.Asset, "took a job twice");
        foreach (var taken in agent.Taken)
        {
            Require(known.ContainsKey(taken.JobId), taken.JobId, "was taken and is not in the store");
            Require(Facts("job.taken", "job", taken.JobId) == 1, taken.JobId, "was taken and the ledger does not know");
            Require(known[taken.JobId].Result is not null, taken.JobId, "was carried out, and its result is lost");
        }
        foreach (var job in machine.Upgrades.Select(upgrade => upgrade.Job).Concat(machine.Restarts).Concat(machine.Reboots))
        {
            Require(agent.Taken.Any(taken => taken.JobId == job), job, "had an effect and was never taken");
        }
        Require(machine.Upgrades.Select(upgrade => (upgrade.Package, upgrade.To)).Distinct().Count() == machine.Upgrades.Count, agent.Asset, "was upgraded to one version twice");
        Require(machine.Upgrades.All(upgrade => DebianVersion.Compare(upgrade.From, upgrade.To) < 0), agent.Asset, "was downgraded");
        Require(machine.Restarts.Distinct().Count() == machine.Restarts.Count, agent.Asset, "was restarted twice by one job");
        Require(machine.Reboots.Distinct().Count() == machine.Reboots.Count, agent.Asset, "was rebooted twice by one job");
        foreach (var job in known.Values.Where(job => job is { State: JobState.Verified, Verb: JobVerb.EnsurePackage }))
        {
            var payload = agent.Taken.FirstOrDefault(taken => taken.JobId == job.Id);
            Require(payload is not null, job.Id, "is verified and was never taken");
            Require(payload!.Packages.All(package => DebianVersion.Compare(machine.Installed(package.Name), package.MinimumVersion) >= 0), job.Id, "is verified, and the machine does not have it");
        }
    }

    /// <summary>No report that the server acknowledged is lost or stored twice.</summary>
    private async Task CheckReportsAsync(SimulatedAgent agent)
    {
        var stored = (await RowsAsync<string>($"select boot_id || ' ' || sequence from inventory_report where asset_id = x'{Hex(agent.Asset)}'")).ToHashSet(StringComparer.Ordinal);
        foreach (var (boot, sequence) in agent.Acknowledged.TakeLast(20))
        {
            Require(stored.Contains($"{boot} {sequence}"), agent.Asset, $"lost its report {sequence} of {boot}, which was acknowledged");
        }
    }

    /// <summary>What the policy may close by itself is closed in the end, unless a person said no.</summary>
    private void CheckFixed(SimulatedAgent agent)
    {
        var plansOfAsset = _parts.Where(part => part.AssetId == agent.Asset).Select(part => part.PlanId).ToHashSet();
        if (_plans.Any(plan => plansOfAsset.Contains(plan.Id) && (plan.State is PlanState.Rejected or PlanState.Withdrawn || Facts("plan.stopped", "plan", plan.Id) > 0)))
        {
            return;
        }
        foreach (var package in (string[])[Endpoint.InService, Endpoint.OutsideServices])
        {
            Require(agent.Machine.Installed(package) == world.Repository.NewestOf(package), agent.Asset,
                $"is at rest with {package} {agent.Machine.Installed(package)} and {world.Repository.NewestOf(package)} was published");
        }
        Require(agent.Machine.IsInEffect(Endpoint.InService), agent.Asset, "still runs old code in its service");
        Require(agent.Environment == "production" || agent.Machine.IsInEffect(Endpoint.OutsideServices), agent.Asset, "was not rebooted");
    }

    /// <summary>The findings that are open are those that the machine has.</summary>
    private async Task CheckFindingsAsync(SimulatedAgent agent)
    {
        var open = await RowsAsync<string>($"select vulnerability from exposure_episode where asset_id = x'{Hex(agent.Asset)}' and closed_us is null order by vulnerability");
        var expected = world.Repository.OpenOn(agent.Machine);
        Require(expected.SequenceEqual(open), agent.Asset, $"has [{string.Join(' ', expected)}] open and the store says [{string.Join(' ', open)}]");
    }

    /// <summary>The chain has every row once, in order, and the checkpoints agree with it.</summary>
    private async Task CheckLedgerAsync()
    {
        var rows = await RowsAsync<LedgerRecord>($"select {LedgerRecord.Columns} from platform_ledger order by position");
        var previous = LedgerChain.Start.ToArray();
        for (var number = 0; number < rows.Count; number++)
        {
            Require(rows[number].Position == number + 1, Guid.Empty, $"of the ledger: the row at place {number + 1} is missing or not sealed");
            previous = LedgerChain.Hash(previous, rows[number].At(number + 1));
            Require(previous.AsSpan().SequenceEqual(rows[number].Hash), Guid.Empty, $"of the ledger: the hash at place {number + 1} is not that of its row");
        }
        var newest = world.Server.Life!.Get<CheckpointLog>().Newest;
        Require(newest is { } head && head.Position == rows.Count && head.Hash == Convert.ToHexStringLower(previous), Guid.Empty, "of the ledger: the newest checkpoint is not of its end");
    }

    private int Facts(string action, string kind, Guid id) =>
        _facts.GetValueOrDefault((action, $"{kind}:{id:D}")) + _facts.GetValueOrDefault((action, $"{kind}:{id:N}"));

    private Task<IReadOnlyList<T>> RowsAsync<T>(string sql) => _store.ReadAsync(session => session.QueryAsync<T>(sql), CancellationToken.None);

    private static string Hex(Guid id) => Convert.ToHexString(id.ToByteArray(bigEndian: true));

    private void Require(bool holds, Guid id, string what)
    {
        if (!holds)
        {
            throw new BrokenRule($"{world.Name(id)} {what}.");
        }
    }
}
