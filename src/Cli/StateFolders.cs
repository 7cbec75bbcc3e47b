namespace Suture.Cli;

/// <summary>Where the command line keeps what it keeps.</summary>
internal static class StateFolders
{
    private const string SystemFeeds = "/var/lib/suture/feeds";
    private const string SystemCache = "/var/cache/suture";

    /// <summary>Folder of imported feeds: <c>/var/lib/suture/feeds</c> for root, else below <c>$XDG_STATE_HOME</c>.</summary>
    public static string Feeds(CliConsole console)
    {
        if (Absolute(console.Variable("XDG_STATE_HOME")) is { } state && !console.IsRoot)
        {
            return Path.Combine(state, "suture", "feeds");
        }
        return console.IsRoot ? SystemFeeds
            : Absolute(console.Variable("HOME")) is { } home ? Path.Combine(home, ".local", "state", "suture", "feeds")
            : throw new CliException(Exit.Failure, "Neither XDG_STATE_HOME nor HOME is set, so there is no folder to keep feeds in. Set one of them.");
    }

    /// <summary>Folder of compiled copies of feeds: below <c>$XDG_CACHE_HOME</c>, else below the home folder; null when there is neither.</summary>
    public static string? Cache(CliConsole console) =>
        Absolute(console.Variable("XDG_CACHE_HOME")) is { } cache ? Path.Combine(cache, "suture")
        : console.IsRoot ? SystemCache
        : Absolute(console.Variable("HOME")) is { } home ? Path.Combine(home, ".cache", "suture")
        : null;

    private static string? Absolute(string? path) => path is ['/', ..] ? path : null;
}
