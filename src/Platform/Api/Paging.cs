namespace Suture.Platform.Api;

/// <summary>Size of a page.</summary>
public static class Paging
{
    /// <summary>Rows of a page when the caller asks for no number.</summary>
    public const int LimitDefault = 100;

    /// <summary>Most rows of a page; who asks for more gets this many and the key of the next page.</summary>
    public const int LimitMax = 1000;

    /// <summary>Rows to give.</summary>
    /// <param name="asked">What the caller asked for; null for no number.</param>
    public static int Limit(int? asked) => Math.Clamp(asked ?? LimitDefault, 1, LimitMax);
}
