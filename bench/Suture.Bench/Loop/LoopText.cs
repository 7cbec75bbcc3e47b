using System.Globalization;
using System.Text;

namespace Suture.Bench.Loop;

/// <summary>Writes the report for people. Pure.</summary>
internal static class LoopText
{
    private const int NameWidth = 38;

    /// <summary>The report as a short table, without a line break at its end.</summary>
    public static string Write(LoopReport report)
    {
        var text = new StringBuilder();
        var (machine, conditions) = (report.Machine, report.Conditions);
        text.Append(CultureInfo.InvariantCulture, $"bench loop, {report.StartedUtc.UtcDateTime:yyyy-MM-dd HH:mm}Z, commit {report.Commit}\n");
        text.Append(CultureInfo.InvariantCulture, $"{machine.OperatingSystem}, {machine.Cores} cores, load {Load(machine.LoadBefore)} before, {Load(machine.LoadAfter)} after\n");
        text.Append(CultureInfo.InvariantCulture, $"{conditions.Agents} endpoints of {conditions.Packages} packages, {conditions.Sources} sources change, ");
        text.Append(CultureInfo.InvariantCulture, $"{conditions.AtOnce} reports at once, {conditions.Store}\n");
        text.Append(CultureInfo.InvariantCulture, $"feeds ({string.Join(", ", conditions.Feeds.Select(feed => $"{feed.Feed} {feed.Records}"))}): {conditions.FeedsFrom}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{"SECONDS",-NameWidth} {"N",6} {"P50",8} {"P90",8} {"P99",8} {"MAX",8} {"ERRORS",7}  BAR\n");
        var (reports, kev) = (report.ReportToFinding, report.KevToPlan);
        Row(text, "report to findings readable", reports.Seconds, Bar(reports.Errors, $"p99 at most {reports.BarSeconds:F0} s", reports.Holds));
        Row(text, "  of these until it was answered", reports.AnsweredSeconds, "");
        Row(text, "KEV entry to plans waiting on all", kev.Seconds, Bar(kev.Errors, $"max at most {kev.BarSeconds:F0} s", kev.Holds));
        Row(text, "  of these until the first plan waited", kev.FirstPlanSeconds, "");
        Row(text, "  of these until it was imported", kev.ImportSeconds, "");
        text.Append(CultureInfo.InvariantCulture, $"processor time of the server: {reports.ServerCpuSecondsEach:F3} s a report, ");
        text.Append(CultureInfo.InvariantCulture, $"{Number(kev.ServerCpuSecondsEach)} s a KEV entry\n");
        if (kev.Seconds.Count + kev.Errors < kev.Asked)
        {
            text.Append(CultureInfo.InvariantCulture, $"Of {kev.Asked} KEV entries asked for, {kev.Seconds.Count + kev.Errors} could be made: ");
            text.Append("so many fixes can be had and are in no plan.\n");
        }
        foreach (var error in reports.ErrorTexts.Concat(kev.ErrorTexts))
        {
            text.Append(CultureInfo.InvariantCulture, $"error: {error}\n");
        }
        return text.ToString().TrimEnd('\n');
    }

    private static void Row(StringBuilder text, string name, Distribution times, string rest)
    {
        var row = string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-NameWidth} {times.Count,6} {Number(times.P50),8} {Number(times.P90),8} {Number(times.P99),8} {Number(times.Max),8} {rest}");
        text.Append(row.TrimEnd()).Append('\n');
    }

    private static string Bar(int errors, string bar, bool holds) => $"{errors.ToString(CultureInfo.InvariantCulture),7}  {bar}: {(holds ? "holds" : "MISSED")}";

    private static string Number(double? value) => value?.ToString("F3", CultureInfo.InvariantCulture) ?? "-";

    private static string Load(double? value) => value?.ToString("F2", CultureInfo.InvariantCulture) ?? "not known";
}
