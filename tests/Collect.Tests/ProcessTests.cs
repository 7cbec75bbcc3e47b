using System.Diagnostics;
using Suture.Collect.Dpkg;
using Suture.Collect.Files;
using Suture.Collect.Host;
using Suture.Collect.Processes;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Files;
using static Suture.Collect.Tests.GivenMachine;

namespace Suture.Collect.Tests;

public sealed class ProcessTests : IDisposable
{
    private const string Ssl = "7f00-7f01 r-xp 00000000 fe:00 11 /usr/lib/x86_64-linux-gnu/libssl.so.3";
    private static readonly DateTimeOffset Old = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly GivenMachine _machine = new GivenMachine().Kernel().Status(Stanza("nginx", "1"), Stanza("libssl3", "3", more: "Source: openssl\n"))
        .Files("nginx", Old, "/usr/sbin/nginx").Files("libssl3:amd64", Old, "/lib/x86_64-linux-gnu/libssl.so.3").Files("systemd", Old, "/lib/systemd/systemd");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Collect_DeletedLibrary_NamesPackageUnitAndStart()
    {
        _machine.Process(36, "nginx", "/usr/sbin/nginx", Ssl + " (deleted)\n" + Ssl.Replace(" 11 ", " 12 ", StringComparison.Ordinal) + " (deleted)\n", startTicks: 1050);

        var row = Assert.Single(Collect().State.OutdatedProcesses!);

        Assert.Equal(new OutdatedProcess
        {
            Package = "libssl3", ProcessId = 36, Command = "nginx", Unit = "nginx.service", Basis = OutdatedBasis.MapsReplacedFile,
            File = "/usr/lib/x86_64-linux-gnu/libssl.so.3", StartedUtc = new DateTimeOffset(2026, 1, 1, 0, 0, 10, 500, TimeSpan.Zero),
        }, row);
    }

    [Theory]
    [InlineData("/dev/zero (deleted)")]
    [InlineData("/memfd:x (deleted)")]
    [InlineData("/SYSV00000000 (deleted)")]
    [InlineData("/dev/shm/x (deleted)")]
    [InlineData("/run/x (deleted)")]
    [InlineData("/tmp/x.so (deleted)")]
    [InlineData("/[aio] (deleted)")]
    [InlineData("/srv/own/program (deleted)")]
    [InlineData("/usr/local/bin/own (deleted)")]
    public void Collect_DeletedFileOfNoPackage_MeansNothing(string path)
    {
        _machine.Process(36, "nginx", "/usr/sbin/nginx", $"7f00-7f01 r-xp 00000000 fe:00 11 {path}\n");

        var state = Collect().State;

        Assert.Empty(state.OutdatedProcesses!);
        Assert.DoesNotContain(state.Failures, failure => failure.Collector == "outdated-processes");
    }

    [Fact]
    public void Collect_DeletedLibraryNoPackageIsKnownFor_IsAFailure()
    {
        _machine.Process(36, "nginx", "/usr/sbin/nginx", "7f00-7f01 r-xp 00000000 fe:00 11 /usr/lib/libold.so.1.2.3 (deleted)\n");

        var failure = Assert.Single(Collect().State.Failures, failure => failure.Collector == "outdated-processes");

        Assert.Contains("1 deleted file that processes run belongs to no known package (/usr/lib/libold.so.1.2.3)", failure.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Remember_BeforeAVersionedPathVanishes_KeepsItsPackage()
    {
        var options = _machine.Running with { StateDirectory = Path.Combine(_machine.Folder, "state") };
        _machine.Files("libexpat1:amd64", Old, "/usr/lib/libexpat.so.1.8.10", "/usr/share/doc/libexpat1/copyright");
        MappedPathJournal.Remember(options, ["libexpat1"]);

        _machine.Files("libexpat1:amd64", Old, "/usr/lib/libexpat.so.1.8.11")
            .Process(36, "nginx", "/usr/sbin/nginx", "7f00-7f01 r-xp 00000000 fe:00 11 /usr/lib/libexpat.so.1.8.10 (deleted)\n");

        Assert.Equal("libexpat1", Assert.Single(MachineCollector.Collect(options).State.OutdatedProcesses!).Package);
    }

    /// <summary>What only saves time changes no answer: before a change, after it, and when it is looked at again.</summary>
    [Fact]
    public void Collect_WithCachesAlone_SaysWhatAFreshLookSays()
    {
        var cached = _machine.Running with { CacheDirectory = Path.Combine(_machine.Folder, "cache") };
        _machine.Files("libexpat1:amd64", Old, "/usr/lib/libexpat.so.1.8.10").Index("bookworm", Entry("nginx", "1.22-1"))
            .Process(36, "nginx", "/usr/sbin/nginx", "7f00-7f01 r-xp 00000000 fe:00 11 /usr/lib/libexpat.so.1.8.10\n");
        AssertSame();
        AssertSame();

        // The list no longer has the path: an earlier look knew whose it was, and a fresh one does not.
        Directory.Delete(Path.Combine(_machine.Proc, "36"), recursive: true);
        File.Delete(_machine.Root + "/var/lib/dpkg/info/libexpat1:amd64.list");
        _machine.Files("libexpat1:amd64", Old, "/usr/lib/libexpat.so.1.8.11").Index("bookworm", Entry("nginx", "1.22-10"))
            .Process(36, "nginx", "/usr/sbin/nginx", "7f00-7f01 r-xp 00000000 fe:00 11 /usr/lib/libexpat.so.1.8.10 (deleted)\n");
        AssertSame();
        AssertSame();
        Assert.True(File.Exists(Path.Combine(cached.CacheDirectory!, "indexes.json")) && File.Exists(Path.Combine(cached.CacheDirectory!, "mapped.json")));
        Assert.False(File.Exists(Path.Combine(cached.CacheDirectory!, "origins.json")));

        void AssertSame()
        {
            var (with, without) = (MachineCollector.Collect(cached), MachineCollector.Collect(_machine.Running));
            Assert.Equal(ReportDigest.OfSoftware(without.Packages!), ReportDigest.OfSoftware(with.Packages!));
            Assert.Equal(ReportDigest.OfState(without.State), ReportDigest.OfState(with.State));
        }
    }

    [Fact]
    public void Collect_ExecutableReplaced_GoesBeforeItsMap()
    {
        _machine.Process(36, "nginx", "/usr/sbin/nginx (deleted)", "7f00-7f01 r-xp 00000000 fe:00 11 /usr/sbin/nginx (deleted)\n");

        var row = Assert.Single(Collect().State.OutdatedProcesses!);

        Assert.Equal(("nginx", OutdatedBasis.ExecutableReplaced, "/usr/sbin/nginx"), (row.Package, row.Basis, row.File));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Collect_AnotherInodeHasTheName_IsReplaced(bool isReplaced)
    {
        _machine.Write("/usr/lib/x86_64-linux-gnu/libssl.so.3", "x");
        var facts = FileFacts.Of(_machine.Root + "/usr/lib/x86_64-linux-gnu/libssl.so.3")!.Value;
        var inode = facts.Inode + (isReplaced ? 1UL : 0);
        _machine.Process(36, "nginx", "/usr/sbin/nginx", $"7f00-7f01 r-xp 00000000 {facts.Device >> 32:x}:{facts.Device & 0xffffffff:x} {inode} /usr/lib/x86_64-linux-gnu/libssl.so.3\n");

        Assert.Equal(isReplaced ? 1 : 0, Collect().State.OutdatedProcesses!.Count);
    }

    [Fact]
    public void Collect_ProcessOfAContainer_IsNotOurs()
    {
        _machine.Process(36, "nginx", "/usr/sbin/nginx", Ssl + " (deleted)\n", space: "pid:[4026532222]");

        Assert.Empty(Collect().State.OutdatedProcesses!);
    }

    [Theory]
    [InlineData("ns/pid", "37 postgres")]
    [InlineData("maps", "37 postgres")]
    [InlineData("root", "37 postgres")]
    [InlineData("stat", "37")] // not even its name
    public void Collect_AProcessIsHidden_IsNamedAndWhatIsSeenElsewhereStaysKnown(string what, string named)
    {
        _machine.Process(36, "nginx", "/usr/sbin/nginx", Ssl + " (deleted)\n").Process(37, "postgres", "/usr/sbin/postgres", Ssl + " (deleted)\n").Hide(37, what);

        var state = Collect().State;

        Assert.Null(state.OutdatedProcesses); // 37 may run anything
        Assert.Equal((36, "libssl3"), Assert.Single(state.OutdatedProcessesSeen!.Select(row => (row.ProcessId, row.Package))));
        var reason = Assert.Single(state.Failures, failure => failure.Collector == CollectorFailure.OutdatedProcesses).Reason;
        Assert.StartsWith($"1 process may not be looked at ({named}), so that nobody can say whether it runs old code.", reason, StringComparison.Ordinal);
        Assert.Contains("CAP_SYS_PTRACE", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_AProcessIsHiddenAndNothingOldIsSeen_IsUnknownNotNone()
    {
        _machine.Process(37, "postgres", "/usr/sbin/postgres").Hide(37, "ns/pid");

        var state = Collect().State;

        Assert.Null(state.OutdatedProcesses);
        Assert.Null(state.OutdatedProcessesSeen);
    }

    [Theory]
    [InlineData("stat")]
    [InlineData("ns/pid")]
    public void Collect_ProcessEndsWhileItIsRead_IsNoFailure(string gone)
    {
        _machine.Process(36, "nginx", "/usr/sbin/nginx", Ssl + " (deleted)\n").Process(37, "postgres", "/usr/sbin/postgres");
        File.Delete($"{_machine.Proc}/37/{gone}");

        var state = Collect().State;

        Assert.Equal(36, Assert.Single(state.OutdatedProcesses!).ProcessId);
        Assert.Null(state.OutdatedProcessesSeen);
        Assert.DoesNotContain(state.Failures, failure => failure.Collector == CollectorFailure.OutdatedProcesses);
    }

    [Fact]
    public void Collect_ZombieThatCannotBeRead_IsNoFailure()
    {
        _machine.Process(37, "postgres", "/usr/sbin/postgres").Hide(37, "maps");
        _machine.WriteProc("37/stat", File.ReadAllText($"{_machine.Proc}/37/stat").Replace(" S ", " Z ", StringComparison.Ordinal));

        Assert.Empty(Collect().State.OutdatedProcesses!);
    }

    [Theory]
    [InlineData(10, "/usr/lib/python3/dist-packages/x.py", false, 1)]
    [InlineData(-10, "/usr/lib/python3/dist-packages/x.py", false, 0)] // it changed before the process began
    [InlineData(10, "/usr/lib/python3.12/x.py", false, 0)] // another version's standard library
    [InlineData(10, "/usr/share/perl5/X.pm", false, 0)] // another language
    [InlineData(10, "/usr/lib/python3/dist-packages/x.py", true, 0)] // a first installation replaces nothing
    public void Collect_Interpreter_CountsWhenCodeOnItsPathChangedLater(int secondsAfterStart, string path, bool isFirstInstallation, int expected)
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(60);
        _machine.Process(40, "python3", "/usr/bin/python3.11", startTicks: 6000).Files("python3-x", start.AddSeconds(secondsAfterStart), path);
        _machine.Write("/var/log/dpkg.log", isFirstInstallation ? "2026-01-01 00:01:10 install python3-x:all <none> 1\n" : "2026-01-01 00:01:10 upgrade python3-x:all 1 2\n");

        var rows = Collect().State.OutdatedProcesses!;

        Assert.Equal(expected, rows.Count);
        Assert.All(rows, row => Assert.Equal(("python3-x", OutdatedBasis.InterpreterOlderThanChange), (row.Package, row.Basis)));
    }

    [Fact]
    public void Collect_Sockets_AreThoseOwnProcessesHold()
    {
        _machine.WriteProc("net/tcp", "  sl\n   0: 00000000:01BB 00000000:0000 0A 0:0 0:0 0 0 0 500 1\n   1: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 501 1\n   2: 0100007F:1F91 0100007F:0001 01 0:0 0:0 0 0 0 500 1\n");
        _machine.Process(36, "nginx", "/usr/sbin/nginx", Ssl + "\n", socket: 500).Process(37, "nginx", "/usr/sbin/nginx", Ssl + "\n", socket: 500);

        var state = Collect().State;

        var socket = Assert.Single(state.Listening!);
        Assert.Equal(("tcp", "0.0.0.0", 443, "nginx", "nginx", false), (socket.Protocol, socket.Address, socket.Port, socket.Command, socket.Package, socket.IsLoopbackOnly));
        Assert.Equal(["libssl3"], socket.MappedPackages);
        Assert.Equal(["libssl3", "nginx", "systemd"], state.PackagesInUse);
    }

    [Theory]
    [InlineData("tcp6", "0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A a b c d e 7 1", "::1", 80)]
    [InlineData("udp", "0: 0100007F:0035 00000000:0000 07 a b c d e 7 1", "127.0.0.1", 53)]
    [InlineData("udp", "0: 0100007F:0035 0100007F:0035 01 a b c d e 7 1", null, 0)] // connected to a peer
    [InlineData("tcp", "nonsense", null, 0)]
    public void Parse_SocketRow_GivesAddressAndPort(string protocol, string row, string? address, int port)
    {
        var socket = SocketTable.Parse(protocol, row);

        Assert.Equal((address, port), (socket?.Address.ToString(), socket?.Port ?? 0));
    }

    [Theory]
    [InlineData("0::/system.slice/nginx.service", "/init.scope", "nginx.service")]
    [InlineData("0::/system.slice/system-getty.slice/getty@tty1.service", "/init.scope", "getty@tty1.service")]
    [InlineData("0::/system.slice/docker.service/sub", "/init.scope", "docker.service")]
    [InlineData("0::/user.slice/user-0.slice/session-1.scope", "/init.scope", null)]
    [InlineData("0::/init.scope", "/init.scope", "init.scope")]
    [InlineData("0::/system.slice/box.service/payload/system.slice/nginx.service", "/system.slice/box.service/payload/init.scope", "nginx.service")]
    [InlineData("9:name=systemd:/system.slice/ssh.service\n0::/", "/", "ssh.service")]
    public void Of_ControlGroup_NamesTheService(string text, string init, string? expected) => Assert.Equal(expected, UnitName.Of(text, init));

    [Fact]
    public void TryParse_MapsLine_KeepsBlanksOfThePath()
    {
        Assert.True(MapsReader.TryParse("7f00-7f01 r-xp 00000000 fe:0a 11     /opt/a b/c.so (deleted)"u8, out var path, out var device, out var inode, out var isCode));

        Assert.Equal(("/opt/a b/c.so (deleted)", FileFacts.DeviceOf(0xfe, 0x0a), 11UL, true), (path, device, inode, isCode));
        Assert.False(MapsReader.TryParse("7f00-7f01 rw-p 00000000 00:00 0 "u8, out _, out _, out _, out _));
        Assert.False(MapsReader.TryParse("7f00-7f01 rw-p 00000000 00:00 0      [heap]"u8, out _, out _, out _, out _));
    }

    [Fact]
    public void Find_RealProcessWhoseExecutableIsRemoved_IsOutdated()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Needs root to look at processes.");
        // Not below the repository: it may lie in a temporary folder, and what is deleted there means nothing to the collector.
        var folder = Directory.CreateDirectory($"/opt/suture-test-{Environment.ProcessId}").FullName;
        var program = Path.Combine(folder, "sleeper");
        File.Copy("/usr/bin/sleep", program);
        _machine.Files("sleeper", Old, program);
        var start = new ProcessStartInfo(program);
        start.ArgumentList.Add("60");
        using var process = Process.Start(start)!;
        try
        {
            Directory.Delete(folder, recursive: true);
            var root = new MachineRoot(_machine.Root);
            var lists = new FileLists(root);
            var table = ProcessTable.Read("/proc", new HashSet<ulong>());
            var owners = PathOwners.Load(lists, new CollectOptions(), new FailureList());
            owners.Resolve(table.CodeFiles());

            var rows = new OutdatedFinder(root, table, owners, BootFacts.Read("/proc", false)).Find(InterpreterRule.Read(root, lists, table, _ => Old));

            var row = Assert.Single(rows, row => row.ProcessId == process.Id);
            Assert.Equal(("sleeper", OutdatedBasis.ExecutableReplaced, program), (row.Package, row.Basis, row.File));
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private CollectedMachine Collect() => MachineCollector.Collect(_machine.Running);
}
