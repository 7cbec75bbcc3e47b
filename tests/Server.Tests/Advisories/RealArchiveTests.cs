using System.Diagnostics;
using System.Text.RegularExpressions;
using Suture.Advisories.Archive;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;
using Suture.Server.Tests.Exposure;
using Suture.Tests;

namespace Suture.Server.Tests.Advisories;

/// <summary>Debian's own archive, over the network. Run when asked for: <c>-explicit on</c> and this class.</summary>
public sealed partial class RealArchiveTests(StoreFixture stores)
{
    private const string Installed = "6.1.176-1";

    [Fact(Explicit = true)]
    public async Task Read_Kernel_NamesTheCvesOfTheChangelogThatAptFetches()
    {
        SignedArchive.Require("gpgv", "apt-get", "dpkg-deb", "tar", "zcat");
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite", new ArchiveOptions());
        world.Time.Advance(TimeProvider.System.GetUtcNow() - world.Time.GetUtcNow());
        await world.EnrolAsync(GivenExposure.Package("linux-image-6.1.0-50-amd64", Installed, "linux"), GivenExposure.Package("gcc-12-base", "12.2.0-1", "gcc-12"));

        await world.ReadArchiveAsync();

        Assert.Null((await world.StateAsync("debian-archive/bookworm-security")).Problem);
        var fixes = world.Current.FixesOf("bookworm", "linux");
        var newest = fixes.Select(fix => fix.FixedVersion).Aggregate((best, next) => DebianVersion.Compare(best, next) < 0 ? next : best);
        var oracle = await ChangelogOfAptAsync($"linux-compiler-gcc-12-x86={newest}");
        Assert.True(oracle.Count > 100, $"{oracle.Count} CVEs");
        Assert.Equal(oracle, fixes.Select(fix => fix.Vulnerability).Where(FixRecord.NamesCve).Order(StringComparer.Ordinal));
        TestContext.Current.TestOutputHelper!.WriteLine($"linux above {Installed}: {oracle.Count} CVEs up to {newest}");
    }

    [Fact(Explicit = true)]
    public async Task Read_EverySourceOfTheSuite_FindsEachChangelog()
    {
        SignedArchive.Require("gpgv");
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite", new ArchiveOptions());
        world.Time.Advance(TimeProvider.System.GetUtcNow() - world.Time.GetUtcNow());
        var suite = new ArchiveOptions().Suites.Single(suite => suite.Release == "bookworm");
        var (release, _) = await world.Get<ArchiveClient>().ReadReleaseAsync(suite, null, CancellationToken.None);
        var indexes = await world.Get<ArchiveClient>().ReadIndexesAsync(suite, release, null, CancellationToken.None);
        var sources = indexes.SelectMany(index => index.Files).Select(file => file.Source).Distinct().ToList();
        await world.EnrolAsync([.. sources.Select(source => GivenExposure.Package(source, "0", source))]);

        await world.ReadArchiveAsync();

        var unread = sources.SelectMany(source => world.Current.FixesOf("bookworm", source)).Where(fix => fix.IsUnread).SelectMany(fix => fix.Records).ToList();
        TestContext.Current.TestOutputHelper!.WriteLine($"{indexes.Count} components, {sources.Count} sources; not read: {string.Join("; ", unread.Select(record => $"{record.Source} {record.FixedVersion}, {record.Record}"))}");
        Assert.Empty(unread);
    }

    // What apt downloads and tar unpacks, cut off at the installed version: no code of the product's.
    private static async Task<List<string>> ChangelogOfAptAsync(string package)
    {
        var folder = Directory.CreateTempSubdirectory("suture-apt-");
        try
        {
            await ShellAsync(folder.FullName, $"apt-get download -qq '{package}'");
            var log = await ShellAsync(
                folder.FullName, $"dpkg-deb --fsys-tarfile ./*.deb | tar -xO --wildcards './usr/share/doc/*/changelog.Debian.gz' | zcat | sed '/^linux ({Regex.Escape(Installed)})/,$d'");
            return [.. Cve().Matches(log).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> ShellAsync(string folder, string command)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", command]) { RedirectStandardOutput = true, WorkingDirectory = folder })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"'{command}' ended with {process.ExitCode}.");
        return output;
    }

    [GeneratedRegex("CVE-[0-9]{4}-[0-9]{4,}")]
    private static partial Regex Cve();
}
