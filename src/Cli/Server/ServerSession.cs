using System.Text.Json;
using System.Text.Json.Serialization;

namespace Suture.Cli.Server;

/// <summary>Which server the command line speaks to, and as whom.</summary>
internal sealed record ServerSession
{
    /// <summary>Address of a server on this machine, as <c>up</c> starts it.</summary>
    public const string LocalServer = "http://127.0.0.1:7780/";

    /// <summary>Address of the API, without path.</summary>
    public required Uri Server { get; init; }

    /// <summary>Session or API token; null before anybody signed in.</summary>
    public string? Token { get; init; }

    /// <summary>The session in force: arguments first, then <c>SUTURE_SERVER</c> and <c>SUTURE_TOKEN</c>, then what <c>sign-in</c> kept.</summary>
    /// <param name="console">Environment.</param>
    /// <param name="server">Value of <c>--server</c>; null when not given.</param>
    public static ServerSession Find(CliConsole console, string? server)
    {
        var kept = Kept(console);
        var address = Address(server ?? console.Variable("SUTURE_SERVER") ?? kept?.Server.ToString() ?? LocalServer);
        var token = console.Variable("SUTURE_TOKEN") is { Length: > 0 } given ? given : kept?.Server == address ? kept.Token : null;
        return new ServerSession { Server = address, Token = token };
    }

    /// <summary>The session that <c>sign-in</c> kept; null when there is none.</summary>
    public static ServerSession? Kept(CliConsole console) => Read(PathOf(console));

    /// <summary>Keeps a session for later commands, readable for its owner only.</summary>
    public void Keep(CliConsole console)
    {
        var path = PathOf(console);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var temporary = path + ".new";
        File.Delete(temporary);
        var owner = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (var file = new FileStream(temporary, owner))
        {
            JsonSerializer.Serialize(file, this, SessionJson.Default.ServerSession);
        }
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Forgets the kept session.</summary>
    public static void Forget(CliConsole console) => File.Delete(PathOf(console));

    /// <summary>Reads an address that a person gave.</summary>
    public static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.AbsolutePath == "/"
            ? address
            : throw new CliException(Exit.Usage, $"The server's address '{text}' is not one; wanted is http://HOST:PORT or https://HOST:PORT.");

    private static ServerSession? Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, SessionJson.Default.ServerSession);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            throw new CliException(Exit.Failure, $"The kept session {path} cannot be read; remove it and sign in again.");
        }
    }

    private static string PathOf(CliConsole console)
    {
        var folder = console.Variable("XDG_CONFIG_HOME") is ['/', ..] config ? config
            : console.Variable("HOME") is ['/', ..] home ? Path.Combine(home, ".config")
            : throw new CliException(Exit.Failure, "Neither XDG_CONFIG_HOME nor HOME is set, so there is no folder to keep the session in. Set one of them, or SUTURE_TOKEN.");
        return Path.Combine(folder, "suture", "session.json");
    }
}

/// <summary>JSON of the kept session.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ServerSession))]
internal sealed partial class SessionJson : JsonSerializerContext;
