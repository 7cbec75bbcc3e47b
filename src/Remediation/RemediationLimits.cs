namespace Suture.Remediation;

/// <summary>Stated maxima of this module.</summary>
public static class RemediationLimits
{
    /// <summary>How long after its lease a job that the agent does not know of is offered again: longer than an answer is on its way.</summary>
    public static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(5);

    /// <summary>UTF-8 bytes of a policy document.</summary>
    public const int PolicyBytesMax = 256 * 1024;

    /// <summary>Depth of nesting in a policy document; the deepest valid one is 6.</summary>
    public const int PolicyDepthMax = 12;

    /// <summary>Nodes (values and keys) of a policy document.</summary>
    public const int PolicyNodesMax = 20_000;

    /// <summary>Rules of a policy.</summary>
    public const int PolicyRulesMax = 200;

    /// <summary>Entries of one list in a policy.</summary>
    public const int PolicyListMax = 500;

    /// <summary>Characters of a name or a list entry in a policy.</summary>
    public const int PolicyTextMax = 200;

    /// <summary>Faults reported of one document.</summary>
    public const int PolicyFaultsMax = 200;

    /// <summary>Assets of one plan.</summary>
    public const int PlanAssetsMax = 5_000;

    /// <summary>Changes of one plan.</summary>
    public const int PlanChangesMax = 10_000;

    /// <summary>Packages of one job, as the job's contract states.</summary>
    public const int JobPackagesMax = 200;

    /// <summary>Units of one job, as the job's contract states.</summary>
    public const int JobUnitsMax = 50;

    /// <summary>Bytes of a job's payload, as the job's contract states.</summary>
    public const int JobPayloadBytesMax = 64 * 1024;

    /// <summary>Jobs named as being at work in one poll.</summary>
    public const int WorkingMax = 10;

    /// <summary>Longest wait of a poll.</summary>
    public static readonly TimeSpan PollWaitMax = TimeSpan.FromSeconds(60);

    /// <summary>Polls that one node holds open; one more is answered at once.</summary>
    public const int PollsHeldMax = 18_000;

    /// <summary>Assets with ready jobs that one look into the store wakes.</summary>
    public const int ReadyAssetsMax = 10_000;

    /// <summary>Bytes of a poll.</summary>
    public const int PollBytesMax = 64 * 1024;

    /// <summary>Bytes of a job's result: as many changes as it may have, with names and versions of the longest kind.</summary>
    public const int ResultBytesMax = 1024 * 1024;

    /// <summary>Members of one object and elements of one list of a poll or a result, known or not; lists that are known have smaller bounds.</summary>
    public const int MessageMembersMax = 10_000;

    /// <summary>Characters of a job result's detail.</summary>
    public const int ResultDetailMax = 2_000;

    /// <summary>Characters of a package's name, and of a version, in a job result.</summary>
    public const int ChangeNameMax = 255;

    /// <summary>Package changes of a job result.</summary>
    public const int ResultChangesMax = 1_000;

    /// <summary>Characters of the reason of a decision.</summary>
    public const int ReasonMax = 1_000;

    /// <summary>Characters of a comment.</summary>
    public const int CommentMax = 4_000;

    /// <summary>Comments shown of one fix, the newest.</summary>
    public const int CommentsShownMax = 200;

    /// <summary>Characters of a team's or a person's name.</summary>
    public const int AssigneeMax = 100;

    /// <summary>Fresh reports that may contradict a job before it counts as failed.</summary>
    public const int ContradictionsMax = 3;

    /// <summary>Open jobs of one asset that one look goes through; the rest waits for the next.</summary>
    public const int OpenJobsMax = 1_000;

    /// <summary>Follow-up rounds (restart, then reboot) of one plan on one asset.</summary>
    public const int FollowUpsMax = 2;

    /// <summary>Plans that the policy makes for one fix on one asset without success before a person must look.</summary>
    public const int PolicyAttemptsMax = 3;
}
