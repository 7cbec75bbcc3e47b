using System.Text.Json.Serialization;
using Suture.Contracts;
using Suture.Contracts.Jobs;

namespace Suture.Agent.Jobs;

/// <summary>What a line of the journal says.</summary>
[JsonConverter(typeof(SnakeCase<JournalKind>))]
internal enum JournalKind
{
    /// <summary>A job was verified and taken; carries its payload.</summary>
    Accepted = 1,
    /// <summary>Work on it began; carries what is true before (boot, versions).</summary>
    Began = 2,
    /// <summary>An effect is about to happen: this line is durable before it.</summary>
    Effect = 3,
    /// <summary>A replaced package file was kept.</summary>
    Kept = 4,
    /// <summary>The job ended; carries its result.</summary>
    Ended = 5,
    /// <summary>The server has the result.</summary>
    Sent = 6,
    /// <summary>The server has a report taken after the job; nothing is left to do.</summary>
    Reported = 7,
    /// <summary>Compacted: a job of this id was carried out once.</summary>
    Closed = 8,
}

/// <summary>One line of the journal.</summary>
internal sealed record JournalEntry
{
    /// <summary>When it was written.</summary>
    public required DateTimeOffset AtUtc { get; init; }

    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>What happened.</summary>
    public required JournalKind Kind { get; init; }

    /// <summary>The payload, with <see cref="JournalKind.Accepted"/>.</summary>
    public JobPayload? Payload { get; init; }

    /// <summary>Boot in which work began, with <see cref="JournalKind.Began"/>.</summary>
    public string? BootId { get; init; }

    /// <summary>Versions installed before, by <c>name:architecture</c>, with <see cref="JournalKind.Effect"/> on packages.</summary>
    public IReadOnlyDictionary<string, string>? Before { get; init; }

    /// <summary>Which effect: <c>install</c>, <c>restart UNIT</c>, <c>reboot</c>, <c>restore</c>, with <see cref="JournalKind.Effect"/>.</summary>
    public string? Effect { get; init; }

    /// <summary>What the thing's own mark was before (systemd's invocation id of a unit), with <see cref="JournalKind.Effect"/>.</summary>
    public string? Mark { get; init; }

    /// <summary>The file that was kept, with <see cref="JournalKind.Kept"/>.</summary>
    public KeptPackage? Kept { get; init; }

    /// <summary>The result, with <see cref="JournalKind.Ended"/>.</summary>
    public JobResult? Result { get; init; }
}

/// <summary>A package file that this agent put aside before replacing the package.</summary>
internal sealed record KeptPackage
{
    /// <summary>Binary package.</summary>
    public required string Name { get; init; }

    /// <summary>Architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>Version.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of the file as it was kept.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Name of the file within the directory of kept packages.</summary>
    public required string File { get; init; }

    /// <summary>True when it was rebuilt from the installed files and is not the archive's own file.</summary>
    public required bool IsRebuilt { get; init; }
}

/// <summary>All that the journal says of one job.</summary>
internal sealed class JobRecord
{
    /// <summary>The job.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The payload; null only for a compacted one.</summary>
    public JobPayload? Payload { get; set; }

    /// <summary>When work began; null when it has not.</summary>
    public DateTimeOffset? BeganUtc { get; set; }

    /// <summary>Boot in which it began.</summary>
    public string? BootId { get; set; }

    /// <summary>Effects begun, in order.</summary>
    public List<JournalEntry> Effects { get; } = [];

    /// <summary>Its result; null when it has not ended.</summary>
    public JobResult? Result { get; set; }

    /// <summary>The server has the result.</summary>
    public bool IsSent { get; set; }

    /// <summary>Nothing is left to do.</summary>
    public bool IsClosed { get; set; }
}
