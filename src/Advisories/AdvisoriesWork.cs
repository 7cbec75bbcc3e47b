namespace Suture.Advisories;

/// <summary>What has happened here that the next stage must look at.</summary>
public static class AdvisoriesWork
{
    /// <summary>Other feeds are in force; subject <c>all</c>.</summary>
    public const string FeedsChanged = "advisories.feeds-changed";

    /// <summary>Subject of <see cref="FeedsChanged"/>.</summary>
    public const string AllSubject = "all";
}
