namespace Suture.Advisories;

/// <summary>What happened in this module, as the next stage's work is called.</summary>
public static class AdvisoriesWork
{
    /// <summary>Other feeds are in force than before; subject <see cref="All"/>. Handled by <c>RematchFleet</c>.</summary>
    public const string FeedsChanged = "advisories.feeds-changed";

    /// <summary>The subject of work that is about everything.</summary>
    public const string All = "all";
}
