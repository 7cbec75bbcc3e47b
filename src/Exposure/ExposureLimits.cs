namespace Suture.Exposure;

/// <summary>Bounds of this module's lists and texts.</summary>
public static class ExposureLimits
{
    /// <summary>Characters of a text argument at most: a vulnerability, a package, a name, a cursor.</summary>
    public const int ArgumentCharactersMax = 600;

    /// <summary>Advisory records an explanation names at most; it says how many more there are.</summary>
    public const int ExplainedRecordsMax = 20;

    /// <summary>Assets an answer about one vulnerability names at most.</summary>
    public const int NamedAssetsMax = 100;
}
