using System.IO.Compression;
using System.Text;
using K4os.Compression.LZ4.Streams;
using Microsoft.Extensions.Time.Testing;

namespace Suture.Collect.Tests;

/// <summary>A small machine written into a folder of its own, removed with the test.</summary>
internal sealed class GivenMachine : IDisposable
{
    private const string Lists = "/var/lib/apt/lists/deb.debian.org_debian_dists_";

    public GivenMachine()
    {
        Folder = Directory.CreateTempSubdirectory("suture-collect-").FullName;
        Directory.CreateDirectory(Root);
        Write("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
        Write("/etc/hostname", "given\n");
    }

    public string Folder { get; }

    public string Root => Path.Combine(Folder, "root");

    public string Proc => Path.Combine(Folder, "proc");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 10, 0, 0, 0, TimeSpan.Zero));

    public CollectOptions Options => new() { Root = Root, Time = Time };

    public CollectOptions Remembering => Options with { StateDirectory = Path.Combine(Folder, "state") };

    public CollectOptions Running => Options with { ProcRoot = Proc };

    public static string Stanza(string name, string version, string status = "install ok installed", string architecture = "amd64", string more = "") =>
        $"Package: {name}\nStatus: {status}\nArchitecture: {architecture}\n{more}Version: {version}\nDescription: x\n more\n .\n\n";

    public static string Entry(string name, string version, string architecture = "amd64", string more = "") =>
        $"Package: {name}\n{more}Version: {version}\nArchitecture: {architecture}\nSize: 12\nSHA256: {new string('a', 64)}\n\n";

    public GivenMachine Write(string path, string text) => WriteBytes(path, Encoding.UTF8.GetBytes(text));

    public GivenMachine WriteBytes(string path, byte[] bytes)
    {
        var located = Root + path;
        Directory.CreateDirectory(Path.GetDirectoryName(located)!);
        File.WriteAllBytes(located, bytes);
        return this;
    }

    public GivenMachine Status(params string[] stanzas) => Write("/var/lib/dpkg/status", string.Concat(stanzas));

    public GivenMachine Index(string suite, params string[] entries) => Release(suite).Write($"{Lists}{suite}_main_binary-amd64_Packages", string.Concat(entries));

    public GivenMachine IndexGz(string suite, params string[] entries)
    {
        var memory = new MemoryStream();
        using (var stream = new GZipStream(memory, CompressionLevel.Fastest))
        {
            stream.Write(Encoding.UTF8.GetBytes(string.Concat(entries)));
        }
        return Release(suite).WriteBytes($"{Lists}{suite}_main_binary-amd64_Packages.gz", memory.ToArray());
    }

    public GivenMachine IndexLz4(string suite, params string[] entries)
    {
        var memory = new MemoryStream();
        using (var stream = LZ4Stream.Encode(memory, leaveOpen: true))
        {
            stream.Write(Encoding.UTF8.GetBytes(string.Concat(entries)));
        }
        return Release(suite).WriteBytes($"{Lists}{suite}_main_binary-amd64_Packages.lz4", memory.ToArray());
    }

    public GivenMachine IndexXz(string suite) => Release(suite).Write($"{Lists}{suite}_main_binary-amd64_Packages.xz", "not readable");

    /// <summary>A repository of others, <c>Origin: nginx</c>.</summary>
    public GivenMachine OtherIndex(params string[] entries) =>
        Write("/var/lib/apt/lists/nginx.org_packages_dists_bookworm_Release", "Origin: nginx\nCodename: bookworm\n")
            .Write("/var/lib/apt/lists/nginx.org_packages_dists_bookworm_nginx_binary-amd64_Packages", string.Concat(entries));

    public GivenMachine Release(string suite, string more = "")
    {
        var label = suite.EndsWith("-security", StringComparison.Ordinal) ? "Debian-Security" : "Debian";
        var notAutomatic = suite.EndsWith("-backports", StringComparison.Ordinal) ? "NotAutomatic: yes\nButAutomaticUpgrades: yes\n" : "";
        return Write($"{Lists}{suite}_InRelease",
            $"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nLabel: {label}\nCodename: {suite}\nDate: Sat, 03 Jan 2026 10:00:00 UTC\n{more}{notAutomatic}"
            + "SHA256:\n abc 1 main/x\n-----BEGIN PGP SIGNATURE-----\n\nOrigin: Forged\n-----END PGP SIGNATURE-----\n");
    }

    /// <summary>dpkg's list of a package's files, written at an instant.</summary>
    public GivenMachine Files(string list, DateTimeOffset writtenUtc, params string[] paths)
    {
        Write($"/var/lib/dpkg/info/{list}.list", string.Concat(paths.Select(path => path + "\n")));
        File.SetLastWriteTimeUtc($"{Root}/var/lib/dpkg/info/{list}.list", writtenUtc.UtcDateTime);
        return this;
    }

    /// <summary>A process file system whose kernel started at 2026-01-01.</summary>
    public GivenMachine Kernel(string release = "6.1.0-37-amd64", string version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)")
    {
        WriteProc("sys/kernel/osrelease", release + "\n").WriteProc("sys/kernel/version", version + "\n").WriteProc("sys/kernel/hostname", "given\n")
            .WriteProc("sys/kernel/random/boot_id", "boot\n").WriteProc("uptime", "1000.5 1.0\n").WriteProc("stat", "cpu 1\nbtime 1767225600\n")
            .WriteProc("net/tcp", "  sl  local_address\n");
        Link("self/ns/pid", "pid:[4026531836]");
        Link("self/root", Root);
        return Process(1, "systemd", "/usr/lib/systemd/systemd", startTicks: 25, group: "/init.scope");
    }

    public GivenMachine Process(
        int id, string command, string executable, string maps = "", long startTicks = 1000, string group = "/system.slice/nginx.service",
        string space = "pid:[4026531836]", ulong socket = 0)
    {
        var zeros = string.Join(' ', Enumerable.Repeat("0", 18)); // fields between the state and the start
        WriteProc($"{id}/stat", $"{id} ({command}) S {zeros} {startTicks} 0\n");
        WriteProc($"{id}/maps", maps).WriteProc($"{id}/cgroup", $"0::{group}\n");
        Link($"{id}/exe", executable);
        Link($"{id}/ns/pid", space);
        Link($"{id}/root", Root);
        Directory.CreateDirectory($"{Proc}/{id}/fd");
        if (socket != 0)
        {
            Link($"{id}/fd/3", $"socket:[{socket}]");
        }
        return this;
    }

    /// <summary>Makes something of a process one that cannot be read: no link where one is wanted, a folder where a file is, a link to itself.</summary>
    public GivenMachine Hide(int id, string what)
    {
        var path = $"{Proc}/{id}/{what}";
        File.Delete(path);
        switch (what)
        {
            case "ns/pid":
                File.WriteAllText(path, "");
                break;
            case "maps":
                Directory.CreateDirectory(path);
                break;
            default:
                File.CreateSymbolicLink(path, path);
                break;
        }
        return this;
    }

    public GivenMachine WriteProc(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Proc, path))!);
        File.WriteAllText(Path.Combine(Proc, path), text);
        return this;
    }

    public void Link(string path, string target)
    {
        var link = Path.Combine(Proc, path);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, target);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
