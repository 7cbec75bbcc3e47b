using System.Security.Cryptography;
using System.Text.Json;
using Suture.Agent.Commands;
using Suture.Agent.Jobs;
using Suture.Agent.Reports;
using Suture.Agent.State;
using Suture.Contracts;
using Suture.Contracts.Approvals;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using Suture.Tests;

namespace Suture.Agent.Tests.Loopback;

/// <summary>The agent against a server over real TLS; the machine it reads is made up.</summary>
public sealed class JoinAndRunTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _directory = Given.TemporaryDirectory();

    [Fact]
    public async Task Join_RightFingerprint_StoresIdentityAndSpeaksWithIt()
    {
        await using var server = await LoopbackServer.StartAsync();

        Assert.Equal(ExitCode.Done, await JoinAsync(server, server.Fingerprint));

        var state = new StateDirectory(_directory);
        Assert.Equal(server.AssetId, state.ReadConfig()!.AssetId);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, "identity.pem")));
        Assert.Single(server.Enrolments);
    }

    [Fact]
    public async Task Join_OtherFingerprint_SendsNoToken()
    {
        await using var server = await LoopbackServer.StartAsync();

        Assert.Equal(ExitCode.Refused, await JoinAsync(server, new string('0', 64)));

        Assert.Empty(server.Enrolments);
        Assert.Null(new StateDirectory(_directory).ReadConfig());
    }

    [Fact]
    public async Task Join_OtherApproversThanWanted_IsRefusedAndLeavesNothing()
    {
        await using var server = await LoopbackServer.StartAsync();
        var wanted = Approvers("anna");

        Assert.Equal(ExitCode.Refused, await JoinAsync(server, server.Fingerprint, approvers: Digest(wanted))); // none at all
        server.Approvers = Approvers("mallory");
        Assert.Equal(ExitCode.Refused, await JoinAsync(server, server.Fingerprint, approvers: Digest(wanted)));
        Assert.Equal(ExitCode.Usage, await JoinAsync(server, server.Fingerprint, approvers: "abc"));
        Assert.Null(new StateDirectory(_directory).ReadConfig());
        Assert.Null(new StateDirectory(_directory).ReadApprovers());

        server.Approvers = wanted;
        Assert.Equal(ExitCode.Done, await JoinAsync(server, server.Fingerprint, approvers: Digest(wanted)));
        Assert.Equal(Digest(wanted), new ApproverKeeper(new StateDirectory(_directory)).Digest);
    }

    private static string Digest(SignedApproverSet set) => Convert.ToHexStringLower(SignedApproverSet.Challenge(set.ReadDocument()));

    private static SignedApproverSet Approvers(string holder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var set = new ApproverSet
        {
            Group = "ours", Version = 1, Needed = 1, Keys = [new ApproverKey { Holder = holder, PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) }],
        };
        return new SignedApproverSet { Document = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(set, ContractsJson.Default.ApproverSet)) };
    }

    [Fact]
    public async Task Join_AuthorityOfOneServerButAnotherAnswers_SendsNoToken()
    {
        // A stranger in between can hand out the right authority, it is public; it has no certificate under it.
        await using var genuine = await LoopbackServer.StartAsync();
        await using var stranger = await LoopbackServer.StartAsync();
        stranger.Present(genuine.Authority);

        Assert.NotEqual(ExitCode.Done, await JoinAsync(stranger, genuine.Fingerprint));

        Assert.Empty(stranger.Enrolments);
    }

    [Fact]
    public async Task Join_SpentToken_IsRefusedAndLeavesNothing()
    {
        await using var server = await LoopbackServer.StartAsync();

        Assert.Equal(ExitCode.Refused, await JoinAsync(server, server.Fingerprint, token: "spent"));

        Assert.Null(new StateDirectory(_directory).ReadConfig());
    }

    [Fact]
    public async Task Join_AlreadyJoined_IsRefused()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);

        Assert.Equal(ExitCode.Refused, await JoinAsync(server, server.Fingerprint));

        Assert.Single(server.Enrolments);
    }

    [Fact]
    public async Task Run_FromStart_ReportsEverythingOnceThenDigests()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);

        await using (await RunAsync(server))
        {
            await UntilAsync(() => new StateDirectory(_directory).ReadReports().SoftwareDigest is not null); // the answer is here and written down
        }
        await using (await RunAsync(server))
        {
            await UntilAsync(() => server.Reports.Count == 2);
        }

        var reports = server.Reports.ToArray();
        Assert.Equal([1, 2], reports.Select(report => report.Sequence));
        Assert.NotNull(reports[0].Software);
        Assert.Null(reports[1].Software);
        Assert.Null(reports[1].State);
        Assert.Equal(reports[0].SoftwareDigest, reports[1].SoftwareDigest);
    }

    [Fact]
    public async Task Run_ServerLostItsMemory_SendsEverythingAtOnce()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);
        await using (await RunAsync(server))
        {
            await UntilAsync(() => server.Reports.Count == 1);
        }
        server.NextReportOutcome = ReportOutcome.FullReportWanted;

        await using var again = await RunAsync(server);
        await UntilAsync(() => server.Reports.Count == 3);

        Assert.Equal([1, 2, 3], server.Reports.Select(report => report.Sequence));
        Assert.NotNull(server.Reports.Last().Software);
    }

    [Theory]
    [InlineData("report")]
    [InlineData("poll")]
    [InlineData("result")]
    public async Task Run_ServerTurnsAway_WaitsAsAskedAndLosesNothing(string route)
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);
        server.RetryAfterSeconds = 97;
        server.TurnsAway[route] = 1;
        var time = new HastyTime();
        await using var agent = await RunAsync(server, time);

        var job = server.Offer(JobVerb.ReportNow);
        await UntilAsync(() => server.Reports.Any(report => report.AfterJob == job.JobId));

        Assert.Contains(time.Waits, wait => wait >= TimeSpan.FromSeconds(97) && wait <= TimeSpan.FromSeconds(97 * 1.25));
        Assert.Equal(JobOutcome.Done, Assert.Single(server.Results).Outcome);
        Assert.NotNull(server.Reports.First().Software);
    }

    /// <summary>A clock on which long waits are noted and over at once.</summary>
    private sealed class HastyTime : TimeProvider
    {
        private static readonly TimeSpan Long = TimeSpan.FromSeconds(90);

        public System.Collections.Concurrent.ConcurrentBag<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            return System.CreateTimer(callback, state, dueTime >= Long ? TimeSpan.FromMilliseconds(1) : dueTime, period);
        }
    }

    [Fact]
    public async Task Run_PollWantsAFullReport_SendsItAndDoesNotAskWithoutPause()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);
        await using (await RunAsync(server))
        {
            await UntilAsync(() => server.Reports.Count == 1);
        }
        server.FullReportWanted = true;
        var began = TimeProvider.System.GetTimestamp();

        await using var again = await RunAsync(server);
        await UntilAsync(() => !server.FullReportWanted);

        Assert.NotNull(server.Reports.Last().Software);
        // Each is followed by a pause of a second.
        Assert.InRange(server.WishesTold, 1, 2 + (int)TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    [Fact]
    public async Task Run_ReportNow_SendsResultThenTheReportThatNamesTheJob()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);
        await using var agent = await RunAsync(server);

        var job = server.Offer(JobVerb.ReportNow);
        await UntilAsync(() => server.Reports.Any(report => report.AfterJob == job.JobId));

        var order = server.Order.Where(line => line.EndsWith(job.JobId.ToString(), StringComparison.Ordinal)).ToArray();
        Assert.Equal([$"result {job.JobId}", $"report {job.JobId}"], order);
        Assert.Equal(JobOutcome.Done, server.Results.Single().Outcome);
        Assert.NotNull(server.Reports.Last().Software);
    }

    [Fact]
    public async Task Run_SameJobAgain_IsAnsweredButNotCarriedOut()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);
        await using var agent = await RunAsync(server);
        var job = server.Offer(JobVerb.ReportNow);
        await UntilAsync(() => server.Reports.Any(report => report.AfterJob == job.JobId));

        server.Offer(job);
        await UntilAsync(() => server.Results.Count == 2);

        Assert.Equal(server.Results.First(), server.Results.Last() with { Changes = server.Results.First().Changes, Unapproved = server.Results.First().Unapproved });
        Assert.Single(server.Reports, report => report.AfterJob == job.JobId);
    }

    [Fact]
    public async Task Run_SameJobAgainBeforeItsReportIsTaken_IsAnswered()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);
        await using var agent = await RunAsync(server);
        await UntilAsync(() => server.Reports.Count == 1);
        var taken = new TaskCompletionSource();
        server.ReportGate = taken.Task;
        var job = server.Offer(JobVerb.ReportNow);
        await UntilAsync(() => server.Results.Count == 1);

        server.Offer(job); // once only: what is not answered now is never answered
        await UntilAsync(() => server.Results.Count == 2);
        taken.SetResult();
        await UntilAsync(() => server.Reports.Any(report => report.AfterJob == job.JobId));

        Assert.All(server.Results, result => Assert.Equal((job.JobId, JobOutcome.Done), (result.JobId, result.Outcome)));
        Assert.Single(server.Reports, report => report.AfterJob == job.JobId);
    }

    [Fact]
    public async Task Run_JobAgainWhoseEndIsNotRemembered_IsAnsweredAndNotCarriedOut()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);
        var now = TimeProvider.System.GetUtcNow();
        var job = Given.Payload(JobVerb.ReportNow) with { NotBeforeUtc = now, ExpiresUtc = now.AddHours(1) };
        using (var journal = Journal.Open(new StateDirectory(_directory).JournalPath, TimeProvider.System))
        {
            journal.Append(job.JobId, JournalKind.Closed); // as compaction leaves it
        }
        await using var agent = await RunAsync(server);
        await UntilAsync(() => server.Reports.Count == 1);

        server.Offer(job);
        await UntilAsync(() => !server.Results.IsEmpty && server.Reports.Count == 2);

        var result = Assert.Single(server.Results);
        Assert.Equal((job.JobId, JobOutcome.Failed, "end-not-remembered"), (result.JobId, result.Outcome, result.Reason));
        Assert.DoesNotContain(server.Reports, report => report.AfterJob == job.JobId);
    }

    [Fact]
    public async Task Run_ServerRefusesAResultForGood_IsToldInThePlainestFormHowTheJobEnded()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);
        var now = TimeProvider.System.GetUtcNow();
        var job = Given.Payload(JobVerb.ReportNow) with { NotBeforeUtc = now, ExpiresUtc = now.AddHours(1) };
        var ended = new JobResult { JobId = job.JobId, Outcome = JobOutcome.Failed, Reason = "apt-failed", Detail = "a\0b", StartedUtc = now, EndedUtc = now };
        using (var journal = Journal.Open(new StateDirectory(_directory).JournalPath, TimeProvider.System))
        {
            journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Accepted, Payload = job });
            journal.Append(new JournalEntry { AtUtc = default, JobId = job.JobId, Kind = JournalKind.Ended, Result = ended });
        }
        server.RefusesResult = result => result.Detail == ended.Detail;

        await using var agent = await RunAsync(server);
        await UntilAsync(() => server.Reports.Any(report => report.AfterJob == job.JobId));
        server.Offer(job); // it is lost on the way back
        await UntilAsync(() => server.Results.Count == 4);

        Assert.Equal(["apt-failed", "result-refused", "apt-failed", "result-refused"], server.Results.Select(result => result.Reason));
        Assert.All(server.Results, result => Assert.Equal((job.JobId, JobOutcome.Failed), (result.JobId, result.Outcome)));
    }

    [Fact]
    public async Task Run_ObservedOnly_RefusesAChange()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint, observe: true);
        await using var agent = await RunAsync(server);

        server.Offer(JobVerb.Reboot);
        await UntilAsync(() => !server.Results.IsEmpty);

        var result = server.Results.Single();
        Assert.Equal((JobOutcome.Refused, "observed-only"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Run_ForgedJob_IsRefusedAndTheGenuineOneOfThatIdStillRuns()
    {
        await using var server = await LoopbackServer.StartAsync();
        await JoinAsync(server, server.Fingerprint);
        await using var agent = await RunAsync(server);
        var now = TimeProvider.System.GetUtcNow();
        var genuine = Given.Payload(JobVerb.ReportNow) with { NotBeforeUtc = now, ExpiresUtc = now.AddHours(1) };

        server.Offer(Given.Sign(genuine)); // not the server's key
        server.Offer(genuine);
        await UntilAsync(() => server.Results.Count == 2);

        Assert.Equal([JobOutcome.Refused, JobOutcome.Done], server.Results.Select(result => result.Outcome));
    }

    [Fact]
    public async Task Run_AThirdOfTheCertificateIsOver_Renews()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.CertificateLife = TimeSpan.FromSeconds(60); // its start lies a minute back: half of it is over
        await JoinAsync(server, server.Fingerprint);
        var before = new StateDirectory(_directory).ReadIdentity();

        await using var agent = await RunAsync(server);
        await UntilAsync(() => server.Renewals == 1 && server.Reports.Count >= 1);

        var job = server.Offer(JobVerb.ReportNow);
        await UntilAsync(() => server.Results.Any(result => result.JobId == job.JobId));
        Assert.NotEqual(before, new StateDirectory(_directory).ReadIdentity());
        Assert.Equal(1, server.Renewals);
    }

    private Task<int> JoinAsync(LoopbackServer server, string fingerprint, string? token = null, bool observe = false, string? approvers = null) =>
        JoinCommand.RunAsync(
            new JoinOrder
            {
                Server = server.Url, AuthorityFingerprint = fingerprint, Token = token ?? LoopbackServer.Token, ApproversDigest = approvers, IsObservedOnly = observe, State = _directory,
                InstallService = false,
            },
            TimeProvider.System, TestContext.Current.CancellationToken);

    private Task<RunningAgent> RunAsync(LoopbackServer server, TimeProvider? time = null)
    {
        Assert.NotEmpty(server.Url);
        var state = new StateDirectory(_directory);
        state.Create();
        return Task.FromResult(new RunningAgent(new AgentLoop(state, state.ReadConfig()!, new MadeUpMachine(), time ?? TimeProvider.System)));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private sealed class MadeUpMachine : IMachineReader
    {
        public MachineFacts Read() => new()
        {
            HostName = "h1", BootId = "boot-1", TakenUtc = Given.Now, Vitals = new MachineVitals(), State = new MachineState { Failures = [] },
            Packages = [.. Enumerable.Range(0, 50).Select(i => Given.Installed($"p{i:00}"))],
        };

        public PackageOrigins ReadOrigins() => new("debian", new HashSet<string>());

        public void RememberFilesOf(IReadOnlyList<string> packages)
        {
        }
    }

    private sealed class RunningAgent : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly AgentLoop _loop;
        private readonly Task _run;

        public RunningAgent(AgentLoop loop) => (_loop, _run) = (loop, loop.RunAsync(_stop.Token));

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _run;
            _loop.Dispose();
            _stop.Dispose();
        }
    }
}
