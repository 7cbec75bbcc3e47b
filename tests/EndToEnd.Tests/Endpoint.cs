using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>A real Debian endpoint with a real systemd, in namespaces of its own.</summary>
internal sealed class Endpoint : IAsyncDisposable
{
    private static readonly string Tool = Path.Combine(TestPaths.Repository, "tests", "tools", "endpoint");

    private Endpoint(string name) => Name = name;

    public string Name { get; }

    /// <summary>Where its root lies on this machine.</summary>
    public string Root => Path.Combine(Environment.GetEnvironmentVariable("SUTURE_ENDPOINTS") ?? "/var/lib/suture-endpoints", Name);

    /// <summary>Skips the running test where endpoints cannot be made.</summary>
    public static void Require()
    {
        Assert.SkipUnless(Environment.UserName == "root", "booting endpoints needs root");
        Assert.SkipUnless(
            File.Exists(Path.Combine(TestPaths.Repository, "out", "server", "suture-server")) && File.Exists(Path.Combine(TestPaths.Repository, "out", "agent", "suture-agent")),
            "the programs are not built; run ./suture build");
        Assert.SkipUnless(File.Exists("/usr/bin/mmdebstrap") && File.Exists("/usr/bin/systemd-nspawn"), "mmdebstrap and systemd-container are not installed");
    }

    /// <summary>Makes a root without its security suite and boots it.</summary>
    public static async Task<Endpoint> BootAsync(string name, string suite, string include)
    {
        var endpoint = new Endpoint(name);
        await Command.TryRunAsync(Tool, ["destroy", name]);
        await Command.RunAsync(Tool, ["make", name, "--suite", suite, "--include", include], TimeSpan.FromMinutes(10));
        await endpoint.BootAsync();
        return endpoint;
    }

    public Task BootAsync() => Command.RunAsync(Tool, ["boot", Name]);

    /// <summary>Adds the security suite and reads its index: real pending updates appear.</summary>
    public async Task SecureAsync()
    {
        await Command.RunAsync(Tool, ["secure", Name]);
        await RunAsync("apt-get", "update", "-qq");
    }

    /// <summary>Runs a command inside.</summary>
    public Task<string> RunAsync(params string[] command) => Command.RunAsync(Tool, ["run", Name, .. command], TimeSpan.FromMinutes(10));

    public Task<(int Code, string Output, string Errors)> TryRunAsync(params string[] command) => Command.TryRunAsync(Tool, ["run", Name, .. command]);

    /// <summary>Puts a file of this machine into the endpoint.</summary>
    public void CopyIn(string file, string inside)
    {
        var target = Path.Combine(Root, inside.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(file, target, overwrite: true);
        File.SetUnixFileMode(target, File.GetUnixFileMode(file));
    }

    /// <summary>Writes a file inside.</summary>
    public void Write(string inside, string text)
    {
        var target = Path.Combine(Root, inside.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target, text);
    }

    /// <summary>Version of an installed package, as dpkg has it.</summary>
    public async Task<string> VersionAsync(string package) => (await RunAsync("dpkg-query", "-W", "-f", "${Version}", package)).Trim();

    public async ValueTask DisposeAsync() => await Command.TryRunAsync(Tool, ["destroy", Name]);
}
