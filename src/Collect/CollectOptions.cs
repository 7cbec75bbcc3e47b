namespace Suture.Collect;

/// <summary>What to read and where to keep what must outlive one look.</summary>
public sealed record CollectOptions
{
    /// <summary>Root of the file system to read, absolute; <c>/</c> is the running machine. Of any other root nothing that runs is read.</summary>
    public string Root { get; init; } = "/";

    /// <summary>Folder for the memory of origins, the journal of mapped paths and the caches; made when missing. Null for a one-shot scan, whose answer does not hang on earlier ones.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>Folder for what only saves time, where nothing is to be remembered; made when missing. Null is <see cref="StateDirectory"/>. For the running machine only: what is kept is known
    /// by the files' sizes and times.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>Where caches lie; null keeps none.</summary>
    internal string? Caches => CacheDirectory ?? StateDirectory;

    /// <summary>The process file system; null is <c>/proc</c> when <see cref="Root"/> is <c>/</c> and none otherwise.</summary>
    public string? ProcRoot { get; init; }

    /// <summary>Clock by which an index counts as outdated.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The process file system to read; null when nothing that runs is to be read.</summary>
    internal string? EffectiveProcRoot => ProcRoot ?? (Root == "/" ? "/proc" : null);
}
