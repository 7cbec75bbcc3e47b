using System.Formats.Tar;
using System.Globalization;
using System.Text;
using Suture.Advisories.Archive;

namespace Suture.Server.Tests.Advisories;

public sealed class DebPackageTests
{
    private static readonly byte[] Log = SignedArchive.Changelog("tool", ("1.0-2", "Fix CVE-2026-0001."));

    [Theory]
    [InlineData("xz", false)]
    [InlineData("xz", true)]
    [InlineData("gzip", false)]
    [InlineData("gzip", true)]
    [InlineData("zstd", false)]
    [InlineData("none", false)]
    public async Task ReadChangelog_PackageOfDpkgDeb_FindsDebiansOwn(string packing, bool isNative)
    {
        using var archive = await SignedArchive.CreateAsync();
        // Members of odd and of even size: the ar format pads the odd ones.
        foreach (var padding in Enumerable.Range(0, 4))
        {
            var log = (byte[])[.. Log, .. Encoding.ASCII.GetBytes(new string('x', padding))];

            var text = DebPackage.ReadChangelog(await archive.PackageAsync("tool", "1.0-2", log, packing, isNative));

            Assert.Equal(Encoding.UTF8.GetString(log), text.Text);
        }
    }

    [Theory]
    [InlineData("other", "other")]
    [InlineData("../doc/libstdc++6", "libstdc++6")]
    [InlineData("/usr/share/doc/other", "other")]
    [InlineData("../../../../etc", null)]
    [InlineData("..", null)]
    public async Task ReadChangelog_DocumentationIsALink_NamesThePackageItLeadsTo(string link, string? expected)
    {
        using var archive = await SignedArchive.CreateAsync();

        Assert.Equal(new PackagedChangelog(null, expected), DebPackage.ReadChangelog(await archive.PackageAsync("tool", "1.0-2", null, link: link)));
    }

    [Theory]
    [InlineData("./usr/share/doc/tool/changelog.Debian.gz", "../other/changelog.Debian.gz", "other")]
    [InlineData("./usr/share/doc/tool/changelog.gz", "changelog.Debian.gz", "tool")]
    [InlineData("./usr/share/doc/tool/examples", "../other/examples", null)]
    public async Task ReadChangelog_LinkInTheDocumentation_CountsWhenItIsTheChangelog(string name, string target, string? expected)
    {
        using var tar = new MemoryStream();
        await using (var writer = new TarWriter(tar, TarEntryFormat.Gnu, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new GnuTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target });
        }
        byte[] package = [.. "!<arch>\n"u8, .. Member("data.tar", tar.ToArray())];

        Assert.Equal(new PackagedChangelog(null, expected), DebPackage.ReadChangelog(package));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)] // the format aligns by four, the package by two
    public async Task ReadChangelog_DataInManyBlocks_IsReadWhereverItStarts(int controlBytes)
    {
        using var archive = await SignedArchive.CreateAsync();
        using var tar = new MemoryStream();
        await using (var writer = new TarWriter(tar, TarEntryFormat.Gnu, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new GnuTarEntry(TarEntryType.RegularFile, "./usr/bin/tool") { DataStream = new MemoryStream(new byte[50_001]) });
            await writer.WriteEntryAsync(new GnuTarEntry(TarEntryType.RegularFile, "./usr/share/doc/tool/changelog.Debian.gz") { DataStream = new MemoryStream(GivenFeeds.Gzip(Log)) });
        }
        var data = await archive.XzAsync(tar.ToArray(), "-T2", "--block-size=1001");
        byte[] package = [.. "!<arch>\n"u8, .. Member("control.tar.xz", new byte[controlBytes]), .. Member("data.tar.xz", data), .. Member("_gpgorigin", [1, 2])];

        Assert.Equal(new PackagedChangelog(Encoding.UTF8.GetString(Log), null), DebPackage.ReadChangelog(package));
    }

    [Theory]
    [InlineData("")]
    [InlineData("!<ar")]
    [InlineData("PK\u0003\u0004 a zip file and no package")]
    [InlineData("!<arch>\n")]
    [InlineData("!<arch>\ndebian-binary   1342943816  0     0     100644  x         `\n2.0\n")]
    [InlineData("!<arch>\ndebian-binary   1342943816  0     0     100644  400       `\n2.0\n")]
    [InlineData("!<arch>\ndata.tar.lzma   1342943816  0     0     100644  4         `\n2.0\n")]
    [InlineData("!<arch>\ndata.tar.xz     1342943816  0     0     100644  4         `\n2.0\n")]
    [InlineData("!<arch>\ndata.tar.gz     1342943816  0     0     100644  4         `\n2.0\n")]
    [InlineData("!<arch>\ndata.tar.zst    1342943816  0     0     100644  4         `\n2.0\n")]
    public void ReadChangelog_NoPackage_IsRefused(string content) =>
        Assert.Throws<InvalidDataException>(() => DebPackage.ReadChangelog(Encoding.Latin1.GetBytes(content)));

    [Theory]
    [InlineData("xz")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task ReadChangelog_DamagedOrCutAnywhere_IsReadOrRefusedNeverElse(string packing)
    {
        using var archive = await SignedArchive.CreateAsync();
        var good = await archive.PackageAsync("tool", "1.0-2", Log, packing);

        for (var turn = 0; turn < 400; turn++)
        {
            var content = GivenFeeds.Damage(good, turn);
            try
            {
                DebPackage.ReadChangelog(content);
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException)
            {
                // As promised.
            }
        }
    }

    [Fact]
    public async Task ReadChangelog_LargerThanTheBound_IsRefused()
    {
        using var archive = await SignedArchive.CreateAsync();
        var package = await archive.PackageAsync("tool", "1.0-2", new byte[DebPackage.ChangelogBytesMax + 1], "gzip");

        var refused = Assert.Throws<InvalidDataException>(() => DebPackage.ReadChangelog(package));

        Assert.Contains("more than 16,777,216 bytes unpacked", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Member(string name, byte[] content) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name,-16}{0,-12}{0,-6}{0,-6}{100644,-8}{content.Length,-10}`\n")), .. content, .. new byte[content.Length & 1]];
}
