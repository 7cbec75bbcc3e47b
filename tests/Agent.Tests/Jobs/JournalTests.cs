using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Suture.Agent.Jobs;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Tests.Jobs;

public sealed class JournalTests : IDisposable
{
    private readonly string _directory = Given.TemporaryDirectory();
    private readonly FakeTimeProvider _time = new(Given.Now);

    private string File1 => Path.Combine(_directory, "journal.jsonl");

    [Fact]
    public void Open_AfterAWholeLife_KnowsTheJobAndIsDoneWithIt()
    {
        var payload = Given.Payload();
        using (var journal = Journal.Open(File1, _time))
        {
            Live(journal, payload, 6);
        }

        using var again = Journal.Open(File1, _time);

        Assert.True(again.IsKnown(payload.JobId));
        Assert.Empty(again.Open());
        Assert.Equal(JobOutcome.Done, again.Find(payload.JobId)!.Result!.Outcome);
    }

    [Theory]
    [InlineData(1, false, false, false)]
    [InlineData(2, true, false, false)]
    [InlineData(3, true, true, false)]
    [InlineData(4, true, true, true)]
    public void Open_CutOffAfterSoManySteps_KnowsWhereItStood(int steps, bool began, bool effect, bool ended)
    {
        var payload = Given.Payload();
        using (var journal = Journal.Open(File1, _time))
        {
            Live(journal, payload, steps);
        }

        using var again = Journal.Open(File1, _time);

        var job = Assert.Single(again.Open());
        Assert.Equal((began, effect, ended), (job.BeganUtc is not null, job.Effects.Count == 1, job.Result is not null));
        Assert.Equal("libssl3", job.Payload!.Packages[0].Name);
    }

    [Fact]
    public void Open_TornAtAnyByte_IsTheWholeLinesBefore()
    {
        using (var journal = Journal.Open(File1, _time))
        {
            Live(journal, Given.Payload(id: 1), 6);
            Live(journal, Given.Payload(id: 2), 3);
        }
        var bytes = File.ReadAllBytes(File1);
        var ends = Enumerable.Range(0, bytes.Length).Where(i => bytes[i] == '\n').Select(i => i + 1).ToList();
        var torn = Path.Combine(_directory, "torn.jsonl");

        Gen.Int[0, bytes.Length].Sample(
            cut =>
            {
                File.WriteAllBytes(torn, bytes[..cut]);
                var whole = ends.LastOrDefault(end => end <= cut);
                using (var journal = Journal.Open(torn, _time))
                {
                    Assert.Equal(whole, new FileInfo(torn).Length);
                    Assert.Equal(whole > 0, journal.IsKnown(Given.Payload(id: 1).JobId));
                    journal.Append(Given.Payload(id: 3).JobId, JournalKind.Began); // what is written after the repair is whole
                }
                using var again = Journal.Open(torn, _time);
                Assert.True(again.IsKnown(Given.Payload(id: 3).JobId));
            },
            iter: 200, threads: 1);
    }

    [Fact]
    public void Open_GarbageAtTheEnd_IsCutOff()
    {
        var payload = Given.Payload();
        using (var journal = Journal.Open(File1, _time))
        {
            Live(journal, payload, 3);
        }
        var whole = new FileInfo(File1).Length;
        File.AppendAllText(File1, "00000000 {\"atUtc\":\"2026-11-01T12:00:00+00:00\"}\nhalf a li");

        using var again = Journal.Open(File1, _time);

        Assert.Equal(whole, new FileInfo(File1).Length);
        Assert.Single(again.Open());
    }

    [Fact]
    public void Parse_AnyFlippedByte_IsNoLine()
    {
        var line = JournalLine.Format(new JournalEntry { AtUtc = Given.Now, JobId = Given.Asset, Kind = JournalKind.Effect, Effect = "install" })[..^1];

        Gen.Select(Gen.Int[0, line.Length - 1], Gen.Byte[1, 255]).Sample((at, flip) =>
        {
            var changed = line.ToArray();
            changed[at] ^= flip;
            // Hex digits of the checksum may be written in either case.
            return JournalLine.Parse(changed) is null || (at < 8 && (flip & 0xDF) == 0);
        });
    }

    [Fact]
    public void Open_LongJournal_IsCompactedButForgetsNoId()
    {
        using (var journal = Journal.Open(File1, _time))
        {
            for (var id = 1; new FileInfo(File1).Length < JobLimits.JournalCompactFromBytes; id++)
            {
                Live(journal, Given.Payload(id: id) with { Packages = [.. Enumerable.Range(0, 200).Select(i => Given.Package($"lib{i}"))] }, 6);
            }
            journal.Append(new JournalEntry { AtUtc = default, JobId = Given.Payload(id: 1).JobId, Kind = JournalKind.Kept, Kept = Kept() });
            Live(journal, Given.Payload(id: 9999), 3);
        }

        using var again = Journal.Open(File1, _time);

        Assert.True(new FileInfo(File1).Length < JobLimits.JournalCompactFromBytes / 10);
        Assert.True(again.IsKnown(Given.Payload(id: 1).JobId));
        Assert.Equal(Given.Payload(id: 9999).JobId, Assert.Single(again.Open()).JobId);
        Assert.Equal(Kept(), Assert.Single(again.Kept()));
    }

    [Fact]
    public void Open_NewJournal_IsReadableByItsOwnerOnly()
    {
        using var journal = Journal.Open(File1, _time);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File1));
    }

    private static KeptPackage Kept() => new() { Name = "a1", Architecture = "all", Version = "1", Sha256 = Given.Hash, File = "a1_1_all.deb", IsRebuilt = false };

    private static void Live(Journal journal, JobPayload payload, int steps)
    {
        JournalEntry[] life =
        [
            Entry(JournalKind.Accepted) with { Payload = payload },
            Entry(JournalKind.Began) with { BootId = "b1" },
            Entry(JournalKind.Effect) with { Effect = "install", Before = new Dictionary<string, string> { ["libssl3:amd64"] = "3.0.15-1" } },
            Entry(JournalKind.Ended) with
            {
                Result = new JobResult { JobId = payload.JobId, Outcome = JobOutcome.Done, StartedUtc = Given.Now, EndedUtc = Given.Now },
            },
            Entry(JournalKind.Sent),
            Entry(JournalKind.Reported),
        ];
        foreach (var entry in life.Take(steps))
        {
            journal.Append(entry);
        }

        JournalEntry Entry(JournalKind kind) => new() { AtUtc = default, JobId = payload.JobId, Kind = kind };
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
