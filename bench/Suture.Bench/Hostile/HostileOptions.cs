namespace Suture.Bench.Hostile;

/// <summary>What <c>bench hostile</c> shall do.</summary>
internal sealed record HostileOptions
{
    /// <summary>Most honest agents.</summary>
    public const int AgentsMax = 500;

    /// <summary>Most connections of the attacker.</summary>
    public const int ConnectionsMax = 64;

    /// <summary>Longest phase, seconds.</summary>
    public const int SecondsMax = 600;

    /// <summary>Honest agents, 1 to <see cref="AgentsMax"/>.</summary>
    public required int Agents { get; init; }

    /// <summary>Connections of the attacker at the same time, 1 to <see cref="ConnectionsMax"/>.</summary>
    public required int Connections { get; init; }

    /// <summary>Seconds of the quiet baseline, 1 to <see cref="SecondsMax"/>.</summary>
    public required int BaselineSeconds { get; init; }

    /// <summary>Most rounds of an attack.</summary>
    public const int RoundsMax = 100;

    /// <summary>Highest rate, answers a second.</summary>
    public const int RateMax = 1_000_000;

    /// <summary>Rounds of each attack, 1 to <see cref="RoundsMax"/>: quiet, then the attack.</summary>
    public required int Rounds { get; init; }

    /// <summary>Seconds of each half of a round, 1 to <see cref="SecondsMax"/>.</summary>
    public required int RoundSeconds { get; init; }

    /// <summary>Messages a second that the attacker sends if the server answers them, 1 to <see cref="RateMax"/>; but for floods.</summary>
    public required int Rate { get; init; }

    /// <summary>The same in a flood.</summary>
    public required int FloodRate { get; init; }

    /// <summary>Part of an attack's name; null for all.</summary>
    public string? Only { get; init; }

    /// <summary>Connection string of an empty PostgreSQL database; null for SQLite.</summary>
    public string? Store { get; init; }

    /// <summary>True writes JSON instead of a table.</summary>
    public required bool IsJson { get; init; }
}
