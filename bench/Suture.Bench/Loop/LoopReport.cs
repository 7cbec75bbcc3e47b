using Suture.Contracts.Api;

namespace Suture.Bench.Loop;

/// <summary>What <c>bench loop</c> measured, and on what; with <c>--json</c> its members are the keys, documented in <c>docs/performance.md</c>.</summary>
internal sealed record LoopReport
{
    /// <summary><c>loop</c>.</summary>
    public required string Benchmark { get; init; }

    /// <summary>1.</summary>
    public required int Schema { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedUtc { get; init; }

    /// <summary>Commit that was measured, with <c>-dirty</c> when files differ from it; <c>unknown</c> outside of a repository.</summary>
    public required string Commit { get; init; }

    /// <summary>The machine.</summary>
    public required BenchMachine Machine { get; init; }

    /// <summary>What it was measured on.</summary>
    public required LoopConditions Conditions { get; init; }

    /// <summary>From a report to its findings.</summary>
    public required ReportFigures ReportToFinding { get; init; }

    /// <summary>From a KEV entry to the plans.</summary>
    public required KevFigures KevToPlan { get; init; }

    /// <summary>True when both bars hold.</summary>
    public required bool Holds { get; init; }
}

/// <summary>What was measured on.</summary>
internal sealed record LoopConditions
{
    /// <summary>Endpoints.</summary>
    public required int Agents { get; init; }

    /// <summary>Packages of each.</summary>
    public required int Packages { get; init; }

    /// <summary>Sources whose security update was made and unmade, over all endpoints.</summary>
    public required int Sources { get; init; }

    /// <summary>Reports on their way at the same time.</summary>
    public required int AtOnce { get; init; }

    /// <summary><c>sqlite</c> or <c>postgresql</c>.</summary>
    public required string Store { get; init; }

    /// <summary>Where the feeds are from, in words.</summary>
    public required string FeedsFrom { get; init; }

    /// <summary>Feeds at the start, ordered by name.</summary>
    public required IReadOnlyList<FeedAge> Feeds { get; init; }
}

/// <summary>Times from a report to its findings.</summary>
internal sealed record ReportFigures
{
    /// <summary>Seconds from the begin of the report's request until the API shows the findings that follow from it, the last look included.</summary>
    public required Distribution Seconds { get; init; }

    /// <summary>The part of them until the report was answered.</summary>
    public required Distribution AnsweredSeconds { get; init; }

    /// <summary>Processor seconds of the server for one report, the looks at the findings and the plans that follow included; other work of the machine
    /// changes it less than the times.</summary>
    public required double ServerCpuSecondsEach { get; init; }

    /// <summary>Reports that failed, or whose findings did not come.</summary>
    public required int Errors { get; init; }

    /// <summary>The first errors in words.</summary>
    public required IReadOnlyList<string> ErrorTexts { get; init; }

    /// <summary>The 99th percentile must not be above this, and there must be no error.</summary>
    public required double BarSeconds { get; init; }

    /// <summary>True when the bar holds.</summary>
    public bool Holds => Errors == 0 && Seconds.P99 <= BarSeconds;
}

/// <summary>Times from a KEV entry to the plans that carry it.</summary>
internal sealed record KevFigures
{
    /// <summary>Seconds from the begin of the import's request until a plan that waits for an approval carries the vulnerability on every asset that has it.</summary>
    public required Distribution Seconds { get; init; }

    /// <summary>The part of them until the first such plan waited.</summary>
    public required Distribution FirstPlanSeconds { get; init; }

    /// <summary>The part of them until the import was answered.</summary>
    public required Distribution ImportSeconds { get; init; }

    /// <summary>Processor seconds of the server for one entry, the looks at the plans included; null when none was made.</summary>
    public double? ServerCpuSecondsEach { get; init; }

    /// <summary>Entries asked for; fewer are measured when fewer fixes fit.</summary>
    public required int Asked { get; init; }

    /// <summary>Entries whose plans did not come.</summary>
    public required int Errors { get; init; }

    /// <summary>The first errors in words.</summary>
    public required IReadOnlyList<string> ErrorTexts { get; init; }

    /// <summary>The longest must not be above this, all entries asked for must be measured, and there must be no error.</summary>
    public required double BarSeconds { get; init; }

    /// <summary>True when the bar holds.</summary>
    public bool Holds => Errors == 0 && Seconds.Count == Asked && Seconds.Max <= BarSeconds;
}
