using System.Text.Json.Serialization;
using Suture.Contracts.Inventory;

namespace Suture.Contracts.Api;

/// <summary>State of an asset.</summary>
[JsonConverter(typeof(SnakeCase<AssetState>))]
public enum AssetState
{
    /// <summary>Reports.</summary>
    Active = 1,
    /// <summary>Two live holders of one identity; waits for a person.</summary>
    Quarantined = 2,
    /// <summary>Gone by a person's word.</summary>
    Retired = 3,
}

/// <summary>An asset in a list.</summary>
public sealed record AssetRow
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Host name.</summary>
    public required string Name { get; init; }

    /// <summary>Group it is in.</summary>
    public required string Group { get; init; }

    /// <summary>Environment, <c>production</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>State.</summary>
    public required AssetState State { get; init; }

    /// <summary>True when it is only observed.</summary>
    public required bool ObservedOnly { get; init; }

    /// <summary>Operating system in words; null when unknown.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>Last report; null when none came.</summary>
    public DateTimeOffset? LastReportUtc { get; init; }

    /// <summary>Last sign of life.</summary>
    public DateTimeOffset? LastSeenUtc { get; init; }

    /// <summary>True when it was silent for longer than the limit: its findings are no longer known.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Findings by status.</summary>
    public required IReadOnlyDictionary<string, int> Findings { get; init; }

    /// <summary>Sum of the risk of its findings, per day.</summary>
    public required double RiskPerDay { get; init; }
}

/// <summary>One value of an asset's context with its source.</summary>
public sealed record ContextValue
{
    /// <summary>Key: environment, criticality, sensitivity, internet-facing, owner, service.</summary>
    public required string Key { get; init; }

    /// <summary>Value as text.</summary>
    public required string Value { get; init; }

    /// <summary><c>observed</c>, <c>imported</c> or <c>stated</c>.</summary>
    public required string Source { get; init; }

    /// <summary>When it was set.</summary>
    public required DateTimeOffset AtUtc { get; init; }
}

/// <summary>An asset with what is known of it.</summary>
public sealed record AssetDetail
{
    /// <summary>The row of the list.</summary>
    public required AssetRow Asset { get; init; }

    /// <summary>Context values with their sources.</summary>
    public required IReadOnlyList<ContextValue> Context { get; init; }

    /// <summary>Last state reported; null when none came.</summary>
    public MachineState? State { get; init; }

    /// <summary>Packages of the last report; null when unknown.</summary>
    public IReadOnlyList<InstalledPackage>? Software { get; init; }

    /// <summary>What cannot be known of it.</summary>
    public required IReadOnlyList<UnknownItem> Unknown { get; init; }
}

/// <summary>Sets one context value by a person's word. Needs the role operator.</summary>
public sealed record ContextRequest
{
    /// <summary>Key, as in <see cref="ContextValue.Key"/>, or <c>group</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Value.</summary>
    public required string Value { get; init; }
}
