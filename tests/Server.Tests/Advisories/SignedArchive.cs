using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Suture.Advisories.Archive;

namespace Suture.Server.Tests.Advisories;

/// <summary>A package of the archive.</summary>
internal sealed record Published(string Name, string Version, byte[] Content)
{
    /// <summary>Its source; null when it is its own.</summary>
    public string? Source { get; init; }

    public string Component { get; init; } = "main";

    public static implicit operator Published((string Name, string Version, byte[] Content) package) => new(package.Name, package.Version, package.Content);
}

/// <summary>A small archive of packages, built by dpkg-deb and signed by gpg with a key of its own.</summary>
internal sealed class SignedArchive : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("suture-archive-");
    private readonly string _home;

    private SignedArchive()
    {
        _home = Path.Combine(_folder.FullName, "h");
        Directory.CreateDirectory(_home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    internal static string Suite => "bookworm-security";

    internal string KeyringPath => Path.Combine(_folder.FullName, "keyring.gpg");

    /// <summary>Makes the key.</summary>
    internal static async Task<SignedArchive> CreateAsync()
    {
        Require("gpg", "gpgv", "gpgconf", "dpkg-deb", "xz");
        var archive = new SignedArchive();
        await archive.RunAsync([], "gpg", "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "Test <test@example.org>", "ed25519", "sign", "never");
        await File.WriteAllBytesAsync(archive.KeyringPath, await archive.RunAsync([], "gpg", "--batch", "--export"));
        return archive;
    }

    /// <summary>Skips the running test, visibly, where a tool is missing.</summary>
    internal static void Require(params string[] tools)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var missing = tools.Where(tool => !folders.Any(folder => File.Exists(Path.Combine(folder, tool)))).ToList();
        Assert.SkipWhen(missing.Count > 0, $"Not installed: {string.Join(", ", missing)}.");
    }

    internal ArchiveOptions Options(LoopbackFiles server) => new()
    {
        KeyringPath = KeyringPath,
        // Without a slash at the end, as people write it.
        Suites = [new ArchiveSuite { Release = "bookworm", Suite = Suite, Archive = new Uri(server.Url, "debian-security") }],
    };

    internal Task<byte[]> SignAsync(string release) => RunAsync(Encoding.UTF8.GetBytes(release), "gpg", "--batch", "--quiet", "--clearsign");

    internal Task<byte[]> XzAsync(byte[] plain, params string[] options) => RunAsync(plain, "xz", ["-c", .. options]);

    internal static string IndexPath(string component) => $"{component}/binary-amd64/Packages.xz";

    internal static string Release(DateTimeOffset date, byte[] index, string suite = "bookworm-security", DateTimeOffset? validUntil = null) =>
        Release(date, [("main", index)], suite, validUntil);

    internal static string Release(DateTimeOffset date, IReadOnlyList<(string Component, byte[] Index)> indexes, string suite = "bookworm-security", DateTimeOffset? validUntil = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        Origin: Debian
        Suite: {suite}
        Codename: {suite}
        Date: {date:ddd, dd MMM yyyy HH:mm:ss} UTC
        {(validUntil is null ? "Acquire-By-Hash: yes" : $"Valid-Until: {validUntil:ddd, dd MMM yyyy HH:mm:ss} UTC")}
        MD5Sum:
         00000000000000000000000000000000 {indexes[0].Index.Length} {IndexPath(indexes[0].Component)}
        SHA256:
        {string.Concat(indexes.Select(index => $" {Convert.ToHexStringLower(SHA256.HashData(index.Index))} {index.Index.Length} {IndexPath(index.Component)}\n"))}
        """);

    /// <summary>Builds a package.</summary>
    /// <param name="name">Package, its own source.</param>
    /// <param name="version">Version.</param>
    /// <param name="changelog">Changelog; null for a documentation folder that is a link.</param>
    /// <param name="packing">As dpkg-deb calls it.</param>
    /// <param name="isNative">True to name the changelog as a native package does.</param>
    /// <param name="link">Where the documentation folder points without a changelog.</param>
    internal async Task<byte[]> PackageAsync(string name, string version, byte[]? changelog, string packing = "xz", bool isNative = false, string link = "other")
    {
        var root = _folder.CreateSubdirectory($"{name}-{Guid.CreateVersion7(AdvisoriesWorld.Start):N}");
        var documents = root.CreateSubdirectory("usr/share/doc");
        root.CreateSubdirectory("DEBIAN");
        await File.WriteAllTextAsync(
            Path.Combine(root.FullName, "DEBIAN/control"), $"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: Test <test@example.org>\nDescription: test\n");
        if (changelog is null)
        {
            File.CreateSymbolicLink(Path.Combine(documents.FullName, name), link);
        }
        else
        {
            var own = documents.CreateSubdirectory(name);
            await File.WriteAllBytesAsync(Path.Combine(own.FullName, isNative ? "changelog.gz" : "changelog.Debian.gz"), GivenFeeds.Gzip(changelog));
            if (!isNative)
            {
                await File.WriteAllBytesAsync(Path.Combine(own.FullName, "changelog.gz"), GivenFeeds.Gzip(GivenFeeds.Text("Upstream's own, CVE-1999-0001")));
            }
        }
        var package = root.FullName + ".deb";
        await RunAsync([], "dpkg-deb", "--root-owner-group", $"-Z{packing}", "--build", root.FullName, package);
        return await File.ReadAllBytesAsync(package);
    }

    /// <summary>Puts packages and what is signed of them on the server.</summary>
    internal async Task PublishAsync(LoopbackFiles server, DateTimeOffset date, params Published[] packages)
    {
        var indexes = new List<(string Component, byte[] Index)>();
        foreach (var component in packages.Select(package => package.Component).Append("main").Distinct())
        {
            var index = await XzAsync(Encoding.UTF8.GetBytes(string.Concat(packages.Where(package => package.Component == component).Select(Paragraph))));
            server.Files[$"debian-security/dists/{Suite}/{IndexPath(component)}"] = index;
            indexes.Add((component, index));
        }
        server.Files[$"debian-security/dists/{Suite}/InRelease"] = await SignAsync(Release(date, indexes, validUntil: date.AddDays(7)));
        foreach (var package in packages)
        {
            server.Files[$"debian-security/{PoolPath(package.Name, package.Version)}"] = package.Content;
        }
    }

    internal static string PoolPath(string name, string version) => $"pool/main/{name}_{version}_all.deb";

    internal static byte[] Changelog(string source, params (string Version, string Text)[] entries) => Encoding.UTF8.GetBytes(string.Concat(entries.Select(entry =>
        $"{source} ({entry.Version}) bookworm-security; urgency=medium\n\n  * {entry.Text}\n\n -- Test <test@example.org>  Tue, 18 Aug 2026 10:00:00 +0200\n\n")));

    public void Dispose()
    {
        RunAsync([], "gpgconf", "--kill", "all").GetAwaiter().GetResult();
        _folder.Delete(recursive: true);
    }

    private static string Paragraph(Published package) => string.Create(CultureInfo.InvariantCulture,
        $"""
        Package: {package.Name}
        Source: {package.Source ?? package.Name}
        Version: {package.Version}
        Architecture: all
        Filename: {PoolPath(package.Name, package.Version)}
        Size: {package.Content.Length}
        SHA256: {Convert.ToHexStringLower(SHA256.HashData(package.Content))}
        Description: test
         with a second line


        """);

    private async Task<byte[]> RunAsync(byte[] input, string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GNUPGHOME"] = _home;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{tool} ended with {process.ExitCode}: {await errors}");
        return output.ToArray();
    }
}
