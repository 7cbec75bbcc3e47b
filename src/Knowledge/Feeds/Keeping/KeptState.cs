using System.Text.Json.Serialization;

namespace Suture.Knowledge.Feeds.Keeping;

/// <summary>What is kept of one part of a feed.</summary>
internal sealed record KeptPart
{
    /// <summary>Which part, see <see cref="FeedFiles.PartOf"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the file as it was delivered; it tells the reader what the file is.</summary>
    public required string File { get; init; }

    /// <summary>Records in it, at least 1.</summary>
    public required int Records { get; init; }

    /// <summary>Date of its content; null when not dated.</summary>
    public DateOnly? ContentDate { get; init; }

    /// <summary>Size of the kept file.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the kept file, 64 lower-case hex digits; the file has this name.</summary>
    public required string Digest { get; init; }
}

/// <summary>What is kept of one feed, and what the last try to bring it up to date gave: <c>feed.json</c>.</summary>
internal sealed record KeptState
{
    /// <summary>1.</summary>
    public int Schema { get; set; } = 1;

    /// <summary>Digest of the compiled content; null when nothing good came yet.</summary>
    public string? Content { get; init; }

    /// <summary>Records of all parts together.</summary>
    public int Records { get; init; }

    /// <summary>Date of the content; null when not dated.</summary>
    public DateOnly? ContentDate { get; init; }

    /// <summary>Version of the publisher's model; null when it has none.</summary>
    public string? Version { get; init; }

    /// <summary>Its parts, ordered by name.</summary>
    public IReadOnlyList<KeptPart> Parts { get; set; } = [];

    /// <summary>When it was last tried.</summary>
    public DateTimeOffset? LastAttemptUtc { get; init; }

    /// <summary>When it last came into force.</summary>
    public DateTimeOffset? LastSuccessUtc { get; init; }

    /// <summary>Why the last try was refused; null when it went well.</summary>
    public string? Problem { get; init; }
}

/// <summary>JSON of <c>feed.json</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(KeptState))]
internal sealed partial class KeptJson : JsonSerializerContext;
