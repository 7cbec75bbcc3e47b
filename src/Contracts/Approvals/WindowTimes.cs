using System.Globalization;

namespace Suture.Contracts.Approvals;

/// <summary>Finds the instants of a window, for who plans and for who carries out. Pure.</summary>
public static class WindowTimes
{
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>The half-open UTC interval in which a change may start: the window that is open now, else the next.</summary>
    /// <param name="window">Null for at any time.</param>
    /// <param name="now">The instant asked at.</param>
    /// <param name="longest">Longest interval; also the interval of no window.</param>
    /// <exception cref="TimeZoneNotFoundException">This machine does not know the zone.</exception>
    /// <exception cref="InvalidOperationException">The window never opens.</exception>
    public static (DateTimeOffset StartUtc, DateTimeOffset EndUtc) Next(PlanWindow? window, DateTimeOffset now, TimeSpan longest)
    {
        if (window is null)
        {
            return (now, now + longest);
        }
        var zone = TimeZoneInfo.FindSystemTimeZoneById(window.Zone);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        // From yesterday, whose window may reach over midnight; a day may be skipped by the clock's change, so look two weeks ahead.
        for (var day = today.AddDays(-1); day <= today.AddDays(14); day = day.AddDays(1))
        {
            if (!window.Days.Contains(Days[(int)day.DayOfWeek]))
            {
                continue;
            }
            var (start, end) = (Utc(zone, day, window.Start), Utc(zone, Over(window) ? day.AddDays(1) : day, window.End));
            if (end > now && end > start)
            {
                var from = start > now ? start : now;
                return (from, end - from > longest ? from + longest : end);
            }
        }
        throw new InvalidOperationException($"The window {string.Join(",", window.Days)} {window.Start}-{window.End} {window.Zone} never opens.");
    }

    private static bool Over(PlanWindow window) => string.CompareOrdinal(window.End, window.Start) <= 0;

    private static DateTimeOffset Utc(TimeZoneInfo zone, DateOnly day, string clock)
    {
        var local = day.ToDateTime(TimeOnly.ParseExact(clock, "HH:mm", CultureInfo.InvariantCulture), DateTimeKind.Unspecified);
        // A time that the clock skips in spring counts as the instant after the gap.
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
