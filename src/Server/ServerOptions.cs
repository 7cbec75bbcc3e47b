using Suture.Advisories.Fetching;

namespace Suture.Server;

/// <summary>What the person who starts a server decides.</summary>
internal sealed record ServerOptions
{
    /// <summary>Folder for everything the server keeps: store, secrets, feeds.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>PostgreSQL connection string or SQLite file; null for a SQLite file in the data folder.</summary>
    public string? Store { get; init; }

    /// <summary>Address of the API.</summary>
    public required Uri Listen { get; init; }

    /// <summary>Address of the agents' port, as agents reach it.</summary>
    public required Uri Agents { get; init; }

    /// <summary>Folder of feeds to read at start; null for none.</summary>
    public string? FeedsDirectory { get; init; }

    /// <summary>File that says where feeds are fetched from; null for <c>feeds.yaml</c> in the data folder, and where there is none for the publishers' own addresses.</summary>
    public string? FeedSources { get; init; }

    /// <summary>True when one person may ask for a plan and approve it.</summary>
    public bool IsSolo { get; init; } = true;

    /// <summary>True when public feeds and the distribution's archive are fetched.</summary>
    public bool FetchesFeeds { get; init; } = true;

    /// <summary>True when this machine is enrolled as an endpoint that is only observed.</summary>
    public bool ObservesThisMachine { get; init; } = true;

    /// <summary>Address of the API for programs of this machine: "all addresses" is none to call.</summary>
    internal Uri FromHere => Listen.Host switch
    {
        "0.0.0.0" => new UriBuilder(Listen) { Host = "127.0.0.1" }.Uri,
        "[::]" => new UriBuilder(Listen) { Host = "[::1]" }.Uri,
        _ => Listen,
    };

    /// <summary>Where the store lies.</summary>
    internal string StoreLocation => Store ?? Path.Combine(DataDirectory, "suture.db");

    /// <summary>The log.</summary>
    internal string LogPath => Path.Combine(DataDirectory, "server.log");

    /// <summary>Where keys lie.</summary>
    internal string SecretsDirectory => Path.Combine(DataDirectory, "secrets");

    /// <summary>Where feeds and the archive are fetched from.</summary>
    /// <exception cref="FeedSourcesException">The file has faults.</exception>
    internal FeedAddresses ReadFeedSources()
    {
        var path = FeedSources ?? Path.Combine(DataDirectory, ReadSources.DefaultName);
        return FeedSources is not null || File.Exists(path) ? ReadSources.FromFile(path) : FeedAddresses.Public;
    }

    /// <summary>Where the last known good feeds lie.</summary>
    internal string FeedsInForceDirectory => Path.Combine(DataDirectory, "feeds-in-force");
}
