using Microsoft.Extensions.Time.Testing;

namespace Suture.Cli.Tests;

/// <summary>One run of the command line in folders of its own.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("suture-cli-");

    public static DateTimeOffset Now { get; } = new(2026, 8, 24, 10, 0, 0, TimeSpan.Zero);

    public string Home => _home.FullName;

    public FakeTimeProvider Time { get; } = new(Now);

    /// <summary>Columns of output.</summary>
    public int Width { get; init; } = CliConsole.WidthDefault;

    /// <summary>Server that commands speak to, signed in; null for none.</summary>
    public string? Server { get; set; }

    public void Dispose() => _home.Delete(recursive: true);

    /// <summary>Writes a file below the home folder, old enough to be told apart from a later change.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Home, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, Now.UtcDateTime.AddHours(-1));
        return path;
    }

    /// <summary>Keeps a session as <c>sign-in</c> does.</summary>
    public void SignIn(string server) => Write("suture/session.json", $$"""{"server":"{{server}}","token":"secret"}""");

    public Task<(int Exit, string Out, string Error)> RunAsync(IReadOnlyList<string> args, string input = "") => RunAsync(args, new StringReader(input));

    public async Task<(int Exit, string Out, string Error)> RunAsync(IReadOnlyList<string> args, TextReader input)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exit = await CliApp.RunAsync(args, new CliConsole
        {
            Out = output,
            Error = error,
            In = input,
            Time = Time,
            Width = Width,
            Variable = name => name switch
            {
                "HOME" or "XDG_CACHE_HOME" or "XDG_STATE_HOME" or "XDG_CONFIG_HOME" => Home,
                "SUTURE_SERVER" => Server,
                "SUTURE_PASSWORD" => "correct horse battery staple",
                _ => null,
            },
        });
        return (exit, Named(output), Named(error));
    }

    // Folder and port differ from run to run.
    private string Named(StringWriter text)
    {
        var named = text.ToString().Replace(Home, "HOME", StringComparison.Ordinal);
        return Server is null ? named : named.Replace(Server, "http://SERVER/", StringComparison.Ordinal);
    }

    /// <summary>A mounted system, <c>root</c>, whose own indexes offer two security updates.</summary>
    public void WriteRoot()
    {
        const string lists = "root/var/lib/apt/lists/deb.example_debian-security_dists_bookworm-security_";
        Write("root/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
        Write("root/etc/hostname", "given\n");
        Write("root/var/lib/dpkg/status", string.Concat(((string[])["openssl", "curl", "zlib1g"]).Select(name => $"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n")));
        Write($"{lists}InRelease", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nLabel: Debian-Security\nCodename: bookworm-security\nDate: Sat, 22 Aug 2026 10:00:00 UTC\n");
        Write($"{lists}main_binary-amd64_Packages", string.Concat(((string[])["openssl", "curl"]).Select(
            name => $"Package: {name}\nVersion: 1.0-1+deb12u1\nArchitecture: amd64\nSize: 12\nSHA256: {new string('a', 64)}\n\n")));
    }

    /// <summary>A mounted system below the home folder: bookworm, with Debian's repositories configured and no index of them.</summary>
    /// <returns>Its folder.</returns>
    public string WriteRoot(params string[] packages)
    {
        Write("root/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
        Write("root/etc/hostname", "mounted\n");
        Write("root/etc/apt/sources.list", "deb http://deb.debian.org/debian bookworm main\ndeb http://deb.debian.org/debian-security bookworm-security main\n");
        Write("root/var/lib/dpkg/status", string.Concat(packages));
        return Path.Combine(Home, "root");
    }

    /// <summary>A package of a status file.</summary>
    public static string Package(string name, string version, string? source = null, string maintainer = "Debian Maintainers <x@lists.debian.org>") =>
        $"Package: {name}\nStatus: install ok installed\nMaintainer: {maintainer}\nArchitecture: amd64\n{(source is null ? "" : $"Source: {source}\n")}Version: {version}\n\n";

    /// <summary>A package index of a repository that the mounted system holds.</summary>
    public void WriteIndex(string suite, string origin, params (string Package, string Version)[] entries)
    {
        var start = $"root/var/lib/apt/lists/{origin.ToLowerInvariant()}.example_dists_{suite}";
        var label = suite.EndsWith("-security", StringComparison.Ordinal) ? "Debian-Security" : origin;
        Write($"{start}_InRelease", $"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: {origin}\nLabel: {label}\nCodename: {suite}\nDate: Sun, 23 Aug 2026 10:00:00 UTC\nSHA256:\n abc 1 main/x\n-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n");
        Write($"{start}_main_binary-amd64_Packages", string.Concat(entries.Select(entry =>
            $"Package: {entry.Package}\nVersion: {entry.Version}\nArchitecture: amd64\nFilename: pool/x.deb\nSize: 12\nSHA256: {new string('a', 64)}\n\n")));
    }

    /// <summary>A small world: advisories of two sources, KEV, EPSS, and a status file that is behind.</summary>
    public void WriteWorld()
    {
        Write("feeds/DSA/list", """
            [20 Aug 2026] DSA-6001-1 openssl - security update
            	{CVE-2026-0001 CVE-2026-0002}
            	[bookworm] - openssl 3.0.17-1~deb12u2
            [10 Aug 2026] DSA-6000-1 curl - security update
            	{CVE-2026-0003}
            	[bookworm] - curl 7.88.1-10+deb12u12
            [01 Aug 2026] DSA-5999-1 linux - security update
            	{CVE-2026-0004}
            	[bookworm] - linux 6.1.140-1

            """);
        Write("feeds/known_exploited_vulnerabilities.csv",
            "cveID,vulnerabilityName,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2026-0001,OpenSSL Flaw,2026-08-21,2026-08-24,Unknown\n");
        Write("feeds/epss_scores-2026-08-23.csv", "cve,epss,percentile\nCVE-2026-0001,0.7,0.99\nCVE-2026-0003,0.001,0.2\n");
        Write("status", """
            Package: libssl3
            Status: install ok installed
            Architecture: amd64
            Source: openssl
            Version: 3.0.16-1~deb12u1

            Package: openssl
            Status: install ok installed
            Architecture: amd64
            Version: 3.0.16-1~deb12u1

            Package: curl
            Status: install ok installed
            Architecture: amd64
            Version: 7.88.1-10+deb12u11

            Package: zlib1g
            Status: install ok installed
            Architecture: amd64
            Source: zlib
            Version: 1:1.2.13.dfsg-1

            Package: linux-image-6.1.0-30-amd64
            Status: install ok installed
            Architecture: amd64
            Source: linux-signed-amd64 (6.1.124+1)
            Version: 6.1.124-1

            """);
    }
}
