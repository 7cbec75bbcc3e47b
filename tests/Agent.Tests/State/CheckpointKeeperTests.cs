using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Suture.Agent.State;
using Suture.Contracts.Ledger;

namespace Suture.Agent.Tests.State;

public sealed class CheckpointKeeperTests : IDisposable
{
    private readonly string _folder = Given.TemporaryDirectory();
    private readonly FakeTimeProvider _time = new(Given.Now);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TheNewestIsShownAndSurvivesARestart()
    {
        var keeper = Open();
        Assert.Null(keeper.Newest);
        keeper.Take(At(5));
        keeper.Take(null);

        Assert.Equal(At(5), keeper.Newest);
        Assert.Equal(At(5), Open().Newest);
    }

    [Fact]
    public void ALedgerThatGoesBackDoesNotReplaceWhatWasSigned()
    {
        var keeper = Open();
        keeper.Take(At(5));
        keeper.Take(At(4));
        keeper.Take(At(5, 'b'));

        Assert.Equal(At(5), keeper.Newest);
        keeper.Take(At(6, 'b'));
        Assert.Equal(At(6, 'b'), keeper.Newest);
    }

    [Theory]
    [InlineData(0, 64, 16, 88)]
    [InlineData(1, 63, 16, 88)]
    [InlineData(1, 64, 17, 88)]
    [InlineData(1, 64, 16, 100_000)]
    public void WhatIsOutOfBoundsIsNotKept(long position, int hash, int key, int signature)
    {
        var keeper = Open();
        keeper.Take(At(position) with { Hash = new string('a', hash), KeyId = new string('k', key), Signature = new string('s', signature) });

        Assert.Null(keeper.Newest);
    }

    [Fact]
    public void TheDiskIsWrittenAtMostOnceInTenMinutes()
    {
        var keeper = Open();
        keeper.Take(At(1));
        _time.Advance(TimeSpan.FromMinutes(9));
        keeper.Take(At(2));
        Assert.Equal(At(1), Open().Newest);
        _time.Advance(TimeSpan.FromMinutes(1));
        keeper.Take(At(3));

        Assert.Equal(At(3), Open().Newest);
    }

    [Fact]
    public void ADamagedFileDoesNotKeepTheAgentFromItsWork()
    {
        Open().Take(At(1));
        File.WriteAllText(Path.Combine(_folder, "checkpoints.json"), "[{");

        var keeper = Open();

        Assert.Null(keeper.Newest);
        keeper.Take(At(2));
        Assert.Equal(At(2), Open().Newest);
    }

    [Fact]
    public void ADiskThatRefusesDoesNotKeepTheAgentFromItsWork()
    {
        var keeper = Open();
        var inTheWay = Directory.CreateDirectory(Path.Combine(_folder, "checkpoints.json.new"));
        keeper.Take(At(1));
        Assert.Equal(At(1), keeper.Newest);

        inTheWay.Delete();
        keeper.Take(At(2));
        Assert.Equal(At(2), Open().Newest);
    }

    [Fact]
    public void AYearOfCheckpointsStaysBoundedAndEachDayHasOne() =>
        Gen.Int[1, 400].Select(Gen.Int[7, 3_000]).Sample(
            (days, minutes) =>
            {
                var kept = new List<Checkpoint>();
                for (var at = Given.Now; at < Given.Now.AddDays(days); at = at.AddMinutes(minutes))
                {
                    kept = CheckpointKeeper.Thin([.. kept, At(1 + kept.Count) with { AtUtc = at }]);
                }
                var slots = kept.Where(each => kept[^1].AtUtc - each.AtUtc > TimeSpan.FromDays(1)).GroupBy(each => each.AtUtc.UtcDateTime.Date);
                return kept.Count <= CheckpointKeeper.KeptMax && slots.All(day => day.Count() == 1) && kept.SequenceEqual(kept.OrderBy(each => each.AtUtc));
            },
            iter: 20);

    private CheckpointKeeper Open() => new(new StateDirectory(_folder), _time);

    private static Checkpoint At(long position, char digit = 'a') => new()
    {
        Position = position, Hash = new string(digit, 64), AtUtc = Given.Now.AddSeconds(position), KeyId = new string('k', 16), Signature = new string('s', 88),
    };
}
