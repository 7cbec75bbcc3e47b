using System.Diagnostics;
using System.Text;
using CsCheck;
using Suture.Collect.Dpkg;
using static Suture.Collect.Tests.GivenMachine;

namespace Suture.Collect.Tests;

public sealed class StatusReaderTests
{
    [Fact]
    public void Read_StatesOfDpkg_KeepsWhatIsOnTheMachine()
    {
        var text = Stanza("a", "1") + Stanza("b", "2", "deinstall ok config-files") + Stanza("c", "3", "hold ok installed")
            + Stanza("d", "4", "unknown ok not-installed") + Stanza("e", "5", "install ok triggers-pending");

        var status = Read(text);

        Assert.Equal(["a", "c", "e"], status.Packages.Select(p => p.Name));
        Assert.Empty(status.Incomplete);
    }

    [Fact]
    public void Read_InterruptedUpgrade_CountsWithTheVersionLastConfigured()
    {
        var status = Read(Stanza("a", "2", "install ok unpacked", more: "Config-Version: 1\n") + Stanza("b", "3", "install reinstreq half-installed"));

        Assert.Equal([("a", "1"), ("b", "3")], status.Packages.Select(p => (p.Name, p.Version)));
        Assert.Equal(["a: unpacked", "b: half-installed"], status.Incomplete);
    }

    [Theory]
    [InlineData("Package: a\nStatus: install ok installed\nArchitecture: amd64\n\n", "line 1: package 'a' has version ''")]
    [InlineData("Package: a\nVersion: 1\nArchitecture: amd64\n\n", "line 1: package 'a' has status ''")]
    [InlineData("Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\nPackage: b\nnonsense\n\n", "line 7: no field name")]
    [InlineData("Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nDescription: cut sh", "ends within this line")]
    [InlineData("Package: a\nPackage: b\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n", "line 2: a field is there twice")]
    [InlineData("", "holds no installed package")]
    public void Read_Fault_FailsTheWholeFileAndNamesTheLine(string text, string expected)
    {
        var fault = Assert.Throws<CollectException>(() => Read(text));

        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SamePackageTwice_IsAFault()
    {
        var fault = Assert.Throws<CollectException>(() => Read(Stanza("a", "1") + Stanza("a", "2")));

        Assert.Contains("line 9: package 'a' for amd64 is there twice", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LineBeyondTheBound_IsAFault()
    {
        var fault = Assert.Throws<CollectException>(() => Read(Stanza("a", "1", more: $"Depends: {new string('x', CollectLimits.LineBytes * 2)}\n")));

        Assert.Contains("line 4 is longer than", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnyStanzasInAnyChunks_ComesBack()
    {
        var name = Gen.Char["abcdefghijklmnopqrstuvwxyz0123456789+-."].Array[2, 30].Select(c => new string(c));
        var field = Gen.Select(name, Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 5000]);
        Gen.Select(field.Array[1, 40], Gen.Int[1, 97]).Sample((rows, chunk) =>
        {
            var expected = rows.Select((row, i) => (Name: $"{row.Item1}{i}", Version: $"{row.Item2}:1-{i}", row.Item3, row.Item4)).ToArray();
            var text = string.Concat(expected.Select(row =>
                Stanza(row.Name, row.Version, more: (row.Item3 ? $"Source: s{row.Name} (9)\n" : "") + $"Conffiles:\n {new string('c', row.Item4)}: x\n")));

            var status = StatusReader.Read(new ChunkStream(Encoding.UTF8.GetBytes(text), chunk), "status");

            return status.Packages.Select(p => (p.Name, p.Version, p.SourceField)).SequenceEqual(
                expected.Select(row => (row.Name, row.Version, row.Item3 ? $"s{row.Name} (9)" : null)));
        }, iter: 200);
    }

    [Fact]
    public void Read_AnyBytes_EitherReadsOrSaysWhy() => Gen.Byte.Array[0, 400].Sample(bytes =>
    {
        try
        {
            return StatusReader.Read(new MemoryStream(bytes), "status").Packages.Count > 0;
        }
        catch (CollectException)
        {
            return true;
        }
    }, iter: 2000);

    [Fact]
    public void Read_ThisMachine_CountsAsDpkgDoes()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/dpkg-query"), "This machine has no dpkg.");
        var start = new ProcessStartInfo("/usr/bin/dpkg-query") { RedirectStandardOutput = true };
        start.ArgumentList.Add("-W");
        start.ArgumentList.Add("-f");
        start.ArgumentList.Add("${db:Status-Status} ${Package} ${Version} ${Architecture}\n");
        using var query = Process.Start(start)!;
        var expected = query.StandardOutput.ReadToEnd().Split('\n').Where(line => line.StartsWith("installed ", StringComparison.Ordinal))
            .Select(line => line["installed ".Length..]).Order(StringComparer.Ordinal);

        var status = StatusReader.Read(File.OpenRead("/var/lib/dpkg/status"), "status");

        Assert.Equal(expected, status.Packages.Select(p => $"{p.Name} {p.Version} {p.Architecture}").Order(StringComparer.Ordinal));
    }

    private static StatusContent Read(string text) => StatusReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "status");

    private sealed class ChunkStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, chunk));
    }
}
