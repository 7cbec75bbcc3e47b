using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Suture.Bench.Hostile;

/// <summary>What <c>bench hostile</c> measured, and on what; with <c>--json</c> its members are the keys, documented in <c>docs/performance.md</c>.</summary>
internal sealed record HostileReport
{
    /// <summary><c>hostile</c>.</summary>
    public required string Benchmark { get; init; }

    /// <summary>1.</summary>
    public required int Schema { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedUtc { get; init; }

    /// <summary>Commit that was measured.</summary>
    public required string Commit { get; init; }

    /// <summary>The machine.</summary>
    public required BenchMachine Machine { get; init; }

    /// <summary>Honest agents.</summary>
    public required int Agents { get; init; }

    /// <summary>Reports a second of all honest agents together.</summary>
    public required double ReportsASecond { get; init; }

    /// <summary>Connections of the attacker.</summary>
    public required int Connections { get; init; }

    /// <summary>Rounds of each attack: quiet, then the attack.</summary>
    public required int Rounds { get; init; }

    /// <summary>Seconds of each half of a round.</summary>
    public required int RoundSeconds { get; init; }

    /// <summary>Messages a second that the attacker sends if the server answers them, but for floods.</summary>
    public required int Rate { get; init; }

    /// <summary>The same in a flood.</summary>
    public required int FloodRate { get; init; }

    /// <summary><c>sqlite</c> or <c>postgresql</c>.</summary>
    public required string Store { get; init; }

    /// <summary>Times of the honest agents' reports before the first attack.</summary>
    public required Distribution Baseline { get; init; }

    /// <summary>Errors of the honest agents before the first attack.</summary>
    public required int BaselineErrors { get; init; }

    /// <summary>The attacks, in their order.</summary>
    public required IReadOnlyList<AttackFigures> Attacks { get; init; }

    /// <summary>What differs in the honest agents' data from before the first attack; empty when nothing does.</summary>
    public required IReadOnlyList<string> Changed { get; init; }

    /// <summary>True when all bars hold.</summary>
    public required bool Holds { get; init; }
}

/// <summary>One attack.</summary>
internal sealed record AttackFigures
{
    /// <summary>What it is.</summary>
    public required string Name { get; init; }

    /// <summary>Answers judged.</summary>
    public required long Answers { get; init; }

    /// <summary>Answers a second while it lasted.</summary>
    public required double AnswersASecond { get; init; }

    /// <summary>Answers by status.</summary>
    public required IReadOnlyDictionary<int, int> Statuses { get; init; }

    /// <summary>Connections that ended without an answer; the attacker lost them, nobody else did.</summary>
    public required int Cut { get; init; }

    /// <summary>Answers that were wrong.</summary>
    public required int Faults { get; init; }

    /// <summary>The first of them in words, then those of the honest agents.</summary>
    public required IReadOnlyList<string> FaultTexts { get; init; }

    /// <summary>The slowest answer, seconds.</summary>
    public required double SlowestSeconds { get; init; }

    /// <summary>Resident bytes of the server before.</summary>
    public required long ResidentBefore { get; init; }

    /// <summary>Growth at the peak, bytes.</summary>
    public required long GrowthAtPeak { get; init; }

    /// <summary>Growth that was left at the end, bytes; negative when less is resident than before.</summary>
    public required long GrowthLeft { get; init; }

    /// <summary>Processors that the server used meanwhile, what the honest agents cost included.</summary>
    public required double ServerCores { get; init; }

    /// <summary>Times of the honest agents' reports meanwhile.</summary>
    public required Distribution Honest { get; init; }

    /// <summary>Their errors.</summary>
    public required int HonestErrors { get; init; }

    /// <summary>Times of their reports in the quiet between.</summary>
    public required Distribution Quiet { get; init; }

    /// <summary>Their 99th percentile, in times of that.</summary>
    public required double? HonestRatio { get; init; }

    /// <summary>True when all bars hold.</summary>
    public bool Holds => Faults == 0 && HonestErrors == 0 && Answers > 0 && SlowestSeconds <= HostileLimits.AnswerBar.TotalSeconds
        && GrowthAtPeak <= HostileLimits.GrowthBar && HonestRatio < HostileLimits.RatioBar;
}

/// <summary>Writes the report.</summary>
internal static class HostileText
{
    private const double MiB = 1024 * 1024;

    /// <summary>For programs.</summary>
    public static string Json(HostileReport report) => JsonSerializer.Serialize(report, HostileJsonContext.Default.HostileReport);

    /// <summary>For people: a table, without a line break at its end. Pure.</summary>
    public static string Write(HostileReport report)
    {
        var text = new StringBuilder();
        var machine = report.Machine;
        text.Append(CultureInfo.InvariantCulture, $"bench hostile, {report.StartedUtc.UtcDateTime:yyyy-MM-dd HH:mm}Z, commit {report.Commit}\n");
        text.Append(CultureInfo.InvariantCulture, $"{machine.OperatingSystem}, {machine.Cores} cores, load {machine.LoadBefore:F2} before, {machine.LoadAfter:F2} after, {report.Store}\n");
        text.Append(CultureInfo.InvariantCulture, $"{report.Agents} honest agents, {report.ReportsASecond:F0} reports a second, the attacker has {report.Connections} connections and sends up to {report.Rate} messages a second ({report.FloodRate} in a flood),\n");
        text.Append(CultureInfo.InvariantCulture, $"{report.Rounds} rounds of {report.RoundSeconds} s quiet and {report.RoundSeconds} s attack\n");
        text.Append(CultureInfo.InvariantCulture, $"quiet: {report.Baseline.Count} reports, p50 {Milliseconds(report.Baseline.P50)}, p99 {Milliseconds(report.Baseline.P99)} ms, {report.BaselineErrors} errors\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{"ATTACK",-26} {"ANSWERS",9} {"A SECOND",9} {"SLOWEST",8} {"PEAK",8} {"LEFT",8} {"CORES",5} {"QUIET",7} {"p99 ms",7} {"RATIO",6}  BARS    STATUSES\n");
        foreach (var attack in report.Attacks)
        {
            text.Append(CultureInfo.InvariantCulture, $"{attack.Name,-26} {attack.Answers,9} {attack.AnswersASecond,9:F0} {attack.SlowestSeconds,7:F3}s ");
            text.Append(CultureInfo.InvariantCulture, $"{attack.GrowthAtPeak / MiB,5:F0}MiB {attack.GrowthLeft / MiB,5:F0}MiB {attack.ServerCores,5:F2} {Milliseconds(attack.Quiet.P99),7} {Milliseconds(attack.Honest.P99),7} {attack.HonestRatio,6:F2}  ");
            text.Append(CultureInfo.InvariantCulture, $"{(attack.Holds ? "hold  " : "MISSED")}  {string.Join(" ", attack.Statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}:{pair.Value}"))}");
            text.Append(attack.Cut == 0 ? "\n" : $" cut:{attack.Cut.ToString(CultureInfo.InvariantCulture)}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"\nBars: every answer right, with its reason, within {HostileLimits.AnswerBar.TotalSeconds:F0} s; resident memory grows by at most {HostileLimits.GrowthBar / MiB:F0} MiB at the peak;\n");
        text.Append(CultureInfo.InvariantCulture, $"the others' p99 below {HostileLimits.RatioBar:F0} times the quiet one and without error; nothing of theirs changed.\n");
        foreach (var line in report.Attacks.SelectMany(attack => attack.FaultTexts.Select(fault => $"{attack.Name}: {fault}")).Concat(report.Changed))
        {
            text.Append(CultureInfo.InvariantCulture, $"fault: {line}\n");
        }
        return text.ToString().TrimEnd('\n');
    }

    private static string Milliseconds(double? seconds) => seconds is { } value ? (value * 1000).ToString("F1", CultureInfo.InvariantCulture) : "-";
}

/// <summary>Writers of the report.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(HostileReport))]
internal sealed partial class HostileJsonContext : JsonSerializerContext;
