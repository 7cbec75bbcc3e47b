using System.Globalization;
using Suture.Contracts.Api;
using Suture.Knowledge.Intelligence;

namespace Suture.Exposure.Api;

/// <summary>The signals of a vulnerability in words, each with source and date.</summary>
internal static class SignalTexts
{
    internal static IReadOnlyList<VulnerabilitySignal> Of(Vulnerability known)
    {
        var signals = new List<VulnerabilitySignal>();
        Add(signals, "kev", known.Kev, entry => $"known exploited since {Day(entry.Added)}{(entry.UsedByRansomware ? ", used by ransomware" : "")}: {entry.Name}");
        Add(signals, "epss", known.Epss, score => string.Create(
            CultureInfo.InvariantCulture, $"chance of exploitation within 30 days {score.Probability:0.#####}, percentile {score.Percentile:0.#####} (model {score.ModelVersion})"));
        Add(signals, "cvss", known.Cvss, score => string.Create(CultureInfo.InvariantCulture, $"CVSS {score.Version} base score {score.Score:0.0}{(score.Vector is null ? "" : $" ({score.Vector})")}"));
        Add(signals, "ssvc", known.Ssvc, points =>
            $"exploitation {points.Exploitation ?? "not stated"}, automatable {YesNo(points.IsAutomatable)}, technical impact {(points.IsTotalImpact is { } total ? total ? "total" : "partial" : "not stated")}");
        foreach (var exploit in known.Exploits)
        {
            Add(signals, "exploit", exploit, evidence =>
                $"{evidence.Kind.ToString().ToLowerInvariant()}, {evidence.Count} references{(evidence.FirstSeen is { } seen ? $", first seen {Day(seen)}" : "")}");
        }
        Add(signals, "cwe", known.Cwe, weakness => weakness);
        Add(signals, "published", known.Published, day => $"published {Day(day)}");
        return signals;
    }

    internal static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Add<T>(List<VulnerabilitySignal> signals, string name, Signal<T>? signal, Func<T, string> text)
    {
        if (signal is not null)
        {
            signals.Add(new VulnerabilitySignal { Signal = name, Text = text(signal.Value), Source = signal.Source, Date = signal.Date, FeedDate = signal.FeedDate });
        }
    }

    private static string YesNo(bool? value) => value is null ? "not stated" : value.Value ? "yes" : "no";
}
