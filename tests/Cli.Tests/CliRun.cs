using Microsoft.Extensions.Time.Testing;

namespace Suture.Cli.Tests;

/// <summary>One run of the command line in folders of its own.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("suture-cli-");

    public static DateTimeOffset Now { get; } = new(2026, 8, 24, 10, 0, 0, TimeSpan.Zero);

    public string Home => _home.FullName;

    public FakeTimeProvider Time { get; } = new(Now);

    /// <summary>Environment variables besides the folders; null for one that is not set.</summary>
    public Dictionary<string, string> Variables { get; } = [];

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
    public void SignIn(string server) => Write(".config/suture/session.json", $$"""{"server":"{{server}}","token":"secret"}""");

    public async Task<(int Exit, string Out, string Error)> RunAsync(IReadOnlyList<string> args, string input = "")
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var exit = await CliApp.RunAsync(args, new CliConsole
        {
            Out = output,
            Error = error,
            In = new StringReader(input),
            Time = Time,
            Variable = name => name switch { "HOME" or "XDG_CACHE_HOME" or "XDG_STATE_HOME" => Home, _ => Variables.GetValueOrDefault(name) },
        });
        return (exit, output.ToString().Replace(Home, "HOME", StringComparison.Ordinal), error.ToString().Replace(Home, "HOME", StringComparison.Ordinal));
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
