namespace Suture.Collect.Processes;

/// <summary>A file that some process maps; one object for all processes that map the same.</summary>
/// <param name="Path">Path in its canonical form, without the kernel's mark.</param>
/// <param name="IsDeleted">It is no longer under that name.</param>
/// <param name="Device">Device as <c>maps</c> has it.</param>
/// <param name="Inode">Inode.</param>
internal sealed record MappedFile(string Path, bool IsDeleted, ulong Device, ulong Inode)
{
    /// <summary>Some process maps it as code.</summary>
    public bool IsCode { get; set; }
}

/// <summary>One process of the machine's own root and namespace.</summary>
internal sealed record ProcessFacts
{
    /// <summary>Process id.</summary>
    public required int Id { get; init; }

    /// <summary>Name as the kernel has it.</summary>
    public required string Command { get; init; }

    /// <summary>Start in ticks since the kernel's.</summary>
    public required long StartTicks { get; init; }

    /// <summary>Its executable in canonical form; null when it has none.</summary>
    public string? Executable { get; init; }

    /// <summary>The executable is no longer under that name.</summary>
    public bool IsExecutableDeleted { get; init; }

    /// <summary>systemd unit; null when none.</summary>
    public string? Unit { get; init; }

    /// <summary>Files it maps; unique.</summary>
    public required IReadOnlyList<MappedFile> Mapped { get; init; }

    /// <summary>Those of the listening sockets that it holds.</summary>
    public required IReadOnlyList<ulong> Sockets { get; init; }
}
