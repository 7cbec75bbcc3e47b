using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Suture.Contracts.Api;

namespace Suture.Contracts.Approvals;

/// <summary>What a plan's hash is over: its clauses, and the digest of each asset's changes. So an agent can check what was approved for its machine without being told of others'.</summary>
/// <remarks>The hash is SHA-256 of the canonical JSON of this record; see the remarks of each member, and docs/adr/0007.</remarks>
public sealed record PlanHead
{
    /// <summary>2.</summary>
    public int Schema { get; set; } = 2;

    /// <summary>The plan, a UUID of version 7: its time is when the plan was made. Two plans of the same changes have different hashes, so an approval never carries over.</summary>
    public required Guid Plan { get; init; }

    /// <summary><c>policy</c>, or who asked for it.</summary>
    public required string Author { get; init; }

    /// <summary>Policy rule that made it.</summary>
    public required string Rule { get; init; }

    /// <summary>Digest of the policy.</summary>
    public required string PolicyDigest { get; init; }

    /// <summary><c>services</c> or <c>none</c>: whether services that still run old code after these changes are restarted without asking again.</summary>
    public required string Restarts { get; init; }

    /// <summary><c>allowed</c> or <c>never</c>: whether a machine is rebooted without asking again when only that puts a change into effect.</summary>
    public required string Reboots { get; init; }

    /// <summary>When the changes may run; null for at once.</summary>
    public PlanWindow? Window { get; init; }

    /// <summary>SHA-256 of the canonical JSON of each asset's <see cref="AssetChanges"/>, lower-case hex, in the order in which the plan names the assets first.</summary>
    public required IReadOnlyList<string> Assets { get; init => field = ListOf.Whole(value); }

    /// <summary>Whether restarts follow.</summary>
    [JsonIgnore]
    public bool RestartsServices => Restarts == "services";

    /// <summary>Whether reboots may follow.</summary>
    [JsonIgnore]
    public bool AllowsReboot => Reboots == "allowed";
}

/// <summary>The changes of a plan on one asset, in order of execution.</summary>
public sealed record AssetChanges
{
    /// <summary>Asset.</summary>
    public required Guid Asset { get; init; }

    /// <summary>Changes.</summary>
    public required IReadOnlyList<PlanChange> Changes { get; init => field = ListOf.Whole(value); }
}

/// <summary>A plan in the bytes that its hash is over, for those who check it themselves: agents, and approvers before they sign.</summary>
public sealed record ApprovedPlan
{
    /// <summary>Most bytes of a head: 5,000 assets, the most of a plan, have some 340,000.</summary>
    public const int HeadBytesMax = 512 * 1024;

    /// <summary>Most bytes of one asset's changes.</summary>
    public const int ChangesBytesMax = 512 * 1024;

    /// <summary>UTF-8 JSON of a <see cref="PlanHead"/>, base64.</summary>
    public required string Head { get; init; }

    /// <summary>UTF-8 JSON of <see cref="AssetChanges"/>, base64: to an agent its own alone, to an approver of all assets.</summary>
    public required IReadOnlyList<string> Changes { get; init => field = ListOf.Whole(value); }

    /// <summary>The head's bytes; null when they are out of bounds.</summary>
    public byte[]? ReadHead() => Base64.Read(Head, HeadBytesMax);

    /// <summary>The bytes of one asset's changes; null when they are out of bounds.</summary>
    /// <param name="index">From 0.</param>
    public byte[]? ReadChanges(int index) => Base64.Read(Changes[index], ChangesBytesMax);

    /// <summary>SHA-256 in lower-case hex.</summary>
    /// <param name="bytes">Bytes of a head or of one asset's changes.</param>
    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>When a change may run: on these days, from start to end (half-open) by the clock of a zone. An end at or before the start lies on the next day.</summary>
public sealed record PlanWindow
{
    /// <summary>IANA zone id.</summary>
    public required string Zone { get; init; }

    /// <summary>Days on which it starts, <c>mon</c> to <c>sun</c>, in the order of the week.</summary>
    public required IReadOnlyList<string> Days { get; init => field = ListOf.Whole(value); }

    /// <summary><c>HH:mm</c>.</summary>
    public required string Start { get; init; }

    /// <summary><c>HH:mm</c>.</summary>
    public required string End { get; init; }
}
