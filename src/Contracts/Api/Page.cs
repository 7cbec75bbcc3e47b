namespace Suture.Contracts.Api;

/// <summary>A page of a list. Lists are paged by key, never by offset.</summary>
/// <typeparam name="T">Row.</typeparam>
public sealed record Page<T>
{
    /// <summary>Rows, in the list's stated order; at most the limit asked for.</summary>
    public required IReadOnlyList<T> Items { get; init => field = ListOf.Whole(value); }

    /// <summary>Pass as <c>after</c> for the next page; null on the last.</summary>
    public string? Next { get; init; }

    /// <summary>Rows in all within the caller's scope; null when not counted.</summary>
    public int? Total { get; init; }
}

/// <summary>Problem details (RFC 9457).</summary>
public sealed record Problem
{
    /// <summary>Kind, a relative address of the documentation.</summary>
    public string? Type { get; init; }

    /// <summary>What is wrong, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>The thing, the value seen, the value wanted and the next step.</summary>
    public string? Detail { get; init; }

    /// <summary>Faults by field; null when there is only one of the whole.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}
