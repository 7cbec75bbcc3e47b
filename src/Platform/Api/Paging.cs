namespace Suture.Platform.Api;

/// <summary>Size of a page, the same for every list: a limit out of bounds is refused (<see cref="QueryRules"/>), never cut in silence.</summary>
public static class Paging
{
    /// <summary>Rows of a page when the caller asks for no number.</summary>
    public const int LimitDefault = 100;

    /// <summary>Most rows of a page.</summary>
    public const int LimitMax = 1000;
}
