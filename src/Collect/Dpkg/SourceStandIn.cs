namespace Suture.Collect.Dpkg;

/// <summary>Maps a binary to its source until the shared mapping is merged.</summary>
internal static class SourceStandIn
{
    public static (string Source, string Version) Map(string package, string version, string? sourceField)
    {
        if (sourceField is null)
        {
            return (package, version);
        }
        var open = sourceField.IndexOf(" (", StringComparison.Ordinal);
        return open < 0 ? (sourceField, version) : (sourceField[..open], sourceField[(open + 2)..].TrimEnd(')'));
    }
}
