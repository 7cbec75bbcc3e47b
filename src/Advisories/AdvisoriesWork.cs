namespace Suture.Advisories;

/// <summary>What happened in this module, as the next stage's work is called.</summary>
public static class AdvisoriesWork
{
    /// <summary>Other feeds are in force than before; subject <see cref="All"/>. Handled by <c>RematchFleet</c>.</summary>
    public const string FeedsChanged = "advisories.feeds-changed";

    /// <summary>The archive of a release is to be looked at again, whether or not the fleet's software changed. Subject: codename of the release. Due at that instant.
    /// Handled by <c>ReadArchiveDue</c>.</summary>
    public const string ArchiveDue = "advisories.archive-due";

    /// <summary>The subject of work that is about everything.</summary>
    public const string All = "all";
}
