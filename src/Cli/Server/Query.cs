namespace Suture.Cli.Server;

/// <summary>Writes queries.</summary>
internal static class Query
{
    /// <summary>A path with the values that are given, escaped.</summary>
    public static string Of(string path, params ReadOnlySpan<(string Name, string? Value)> values)
    {
        var query = path;
        foreach (var (name, value) in values)
        {
            if (value is not null)
            {
                query += $"{(query.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={Uri.EscapeDataString(value)}";
            }
        }
        return query;
    }
}
