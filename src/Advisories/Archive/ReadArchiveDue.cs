using Suture.Platform.Work;

namespace Suture.Advisories.Archive;

/// <summary>It is time to look at the archive of a release again: it may have new updates for software that did not change.</summary>
internal sealed class ReadArchiveDue(ReadArchive read) : IWorkHandler
{
    public string Kind => AdvisoriesWork.ArchiveDue;

    public Task HandleAsync(WorkItem item, CancellationToken cancellation) => read.HandleAsync(item, cancellation);
}
