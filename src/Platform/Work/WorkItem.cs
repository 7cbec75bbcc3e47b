namespace Suture.Platform.Work;

/// <summary>A claimed row of our own queue.</summary>
public sealed record WorkItem
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Which handler it is for, <c>exposure.match-asset</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is about, an id as text; one waiting item a (kind, subject).</summary>
    public required string Subject { get; init; }

    /// <summary>More for the handler, JSON text; empty when the subject says all.</summary>
    public required string Payload { get; init; }

    /// <summary>How often it was claimed, this time included; from 1.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it was first asked for.</summary>
    public required DateTimeOffset CreatedUs { get; init; }
}

/// <summary>Does one kind of work. Shape: read, decide, write; the write completes the item in its own transaction.</summary>
public interface IWorkHandler
{
    /// <summary>Kind it handles; unique.</summary>
    string Kind { get; }

    /// <summary>Does the work. It may run again after a crash: the write completes the item with <see cref="WorkQueue.CompleteAsync"/> in the
    /// transaction that writes its rows and enqueues what follows.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellation">Shutdown.</param>
    Task HandleAsync(WorkItem item, CancellationToken cancellation);
}
