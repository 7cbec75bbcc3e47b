using Suture.Contracts.Approvals;
using System.Globalization;
using CsCheck;

namespace Suture.Server.Tests.Remediation;

public sealed class WindowTimesTests
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    [Theory]
    // Vienna is UTC+2 in August; 2026-08-10 is a Monday.
    [InlineData("2026-08-10T12:00:00Z", "mon", "22:00", "02:00", "2026-08-10T20:00:00Z", "2026-08-11T00:00:00Z")]
    [InlineData("2026-08-10T22:30:00Z", "mon", "22:00", "02:00", "2026-08-10T22:30:00Z", "2026-08-11T00:00:00Z")] // Tuesday 00:30 there: Monday's window
    [InlineData("2026-08-11T00:00:00Z", "mon", "22:00", "02:00", "2026-08-17T20:00:00Z", "2026-08-18T00:00:00Z")] // the end does not belong to it
    [InlineData("2026-08-10T12:00:00Z", "wed", "01:00", "03:00", "2026-08-11T23:00:00Z", "2026-08-12T01:00:00Z")]
    [InlineData("2026-03-28T12:00:00Z", "sun", "02:30", "04:00", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z")] // 02:30 is skipped by the clock's change
    public void Next_AWindow_IsTheOpenOneOrTheNext(string now, string day, string start, string end, string from, string to)
    {
        var window = new PlanWindow { Zone = "Europe/Vienna", Days = [day], Start = start, End = end };

        var next = WindowTimes.Next(window, Utc(now), Day);

        Assert.Equal((Utc(from), Utc(to)), next);
    }

    [Fact]
    public void Next_NoWindow_IsNowForAsLongAsAJobLives()
    {
        var now = Utc("2026-08-10T12:00:00Z");

        Assert.Equal((now, now + Day), WindowTimes.Next(null, now, Day));
    }

    [Fact]
    public void Next_AnyInstant_LiesAheadAndIsNotEmpty() =>
        Gen.Select(Gen.Int[0, 365 * 24 * 60], Gen.Int[0, 6], Gen.Int[0, 23], Gen.Int[0, 23]).Where(pick => pick.Item3 != pick.Item4).Sample(pick =>
        {
            var now = Utc("2026-01-01T00:00:00Z").AddMinutes(pick.Item1);
            var window = new PlanWindow { Zone = "America/New_York", Days = [new[] { "mon", "tue", "wed", "thu", "fri", "sat", "sun" }[pick.Item2]], Start = $"{pick.Item3:00}:15", End = $"{pick.Item4:00}:15" };
            var (start, end) = WindowTimes.Next(window, now, Day);
            return start >= now && end > start && end - start <= Day && start - now < TimeSpan.FromDays(14);
        });

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
