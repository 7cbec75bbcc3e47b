using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>A real Debian endpoint with a real systemd, in namespaces of its own.</summary>
internal sealed class Endpoint : IAsyncDisposable
{
    private static readonly string Tool = Path.Combine(TestPaths.Repository, "tests", "tools", "endpoint");

    private static int s_port = 18_080;

    private Endpoint(string name) => Name = name;

    /// <summary>What every endpoint has beside a minimal system.</summary>
    public const string Packages = "openssl,nginx,curl,python3";

    public string Name { get; }

    /// <summary>Where its root lies on this machine.</summary>
    public string Root => RootOf(Name);

    internal static string RootOf(string name) => Path.Combine(Environment.GetEnvironmentVariable("SUTURE_ENDPOINTS") ?? "/var/lib/suture-endpoints", name);

    /// <summary>Skips the running test where endpoints cannot be made.</summary>
    public static void Require()
    {
        Assert.SkipUnless(Environment.UserName == "root", "booting endpoints needs root");
        Assert.SkipUnless(
            File.Exists(Path.Combine(TestPaths.Repository, "out", "server", "suture-server")) && File.Exists(Path.Combine(TestPaths.Repository, "out", "agent", "suture-agent")),
            "the programs are not built; run ./suture build");
        Assert.SkipUnless(File.Exists("/usr/bin/mmdebstrap") && File.Exists("/usr/bin/systemd-nspawn"), "mmdebstrap and systemd-container are not installed");
        Assert.SkipUnless(MayBoot.Value, "this root may not make mount namespaces as systemd-nspawn does (a container without privileges, or a chroot), so no endpoint boots");
    }

    private static Lazy<bool> MayBoot { get; } = new(() =>
    {
        using var unshare = Command.Start("/usr/bin/unshare", ["--mount", "--pid", "--fork", "--propagation", "unchanged", "mount", "--make-rslave", "/"]);
        unshare.WaitForExit();
        return unshare.ExitCode == 0;
    });

    /// <summary>Makes a root without its security suite and boots it.</summary>
    /// <param name="name">Name of the endpoint, and of its host.</param>
    /// <param name="suite">Codename.</param>
    /// <param name="more">Packages beside <see cref="Packages"/>, separated by commas; null for none.</param>
    public static async Task<Endpoint> BootAsync(string name, string suite = "bookworm", string? more = null)
    {
        var endpoint = new Endpoint(name);
        var model = await EndpointModels.OfAsync(suite, more is null ? Packages : $"{Packages},{more}");
        await ToolAsync("destroy", name);
        await ToolAsync("copy", name, model);
        // All endpoints share this machine's network: each web server gets a port of its own.
        var site = Path.Combine(endpoint.Root, "etc", "nginx", "sites-available", "default");
        File.WriteAllText(site, File.ReadAllText(site).Replace(":80 ", $":{Interlocked.Increment(ref s_port)} ").Replace(" 80 ", $" {s_port} "));
        await endpoint.BootAsync();
        return endpoint;
    }

    internal static Task<string> ToolAsync(params string[] arguments) => Command.RunAsync(Tool, arguments, TimeSpan.FromMinutes(10));

    public Task BootAsync() => ToolAsync("boot", Name);

    /// <summary>Adds the security suite and reads its index: real pending updates appear.</summary>
    public async Task SecureAsync()
    {
        await ToolAsync("secure", Name);
        await RunAsync("apt-get", "update", "-qq");
    }

    /// <summary>Runs a command inside.</summary>
    public Task<string> RunAsync(params string[] command) => ToolAsync(["run", Name, .. command]);

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

    public async ValueTask DisposeAsync() => await ToolAsync("destroy", Name);
}
