using Suture.Exposure;
using Suture.Platform.Work;

namespace Suture.Remediation.Verification;

/// <summary>A report was judged: what does it prove?</summary>
internal sealed class VerifyAsset(ProveJobs prove) : IWorkHandler
{
    public string Kind => ExposureWork.AssetJudged;

    public Task HandleAsync(WorkItem item, CancellationToken cancellation) => prove.RunAsync(item, cancellation);
}

/// <summary>An agent told how a job ended: the report that proves it may be here already.</summary>
internal sealed class VerifyResult(ProveJobs prove) : IWorkHandler
{
    public string Kind => RemediationWork.ResultTaken;

    public Task HandleAsync(WorkItem item, CancellationToken cancellation) => prove.RunAsync(item, cancellation);
}
