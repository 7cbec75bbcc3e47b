using Suture.Knowledge.Versions;
using CsCheck;

namespace Suture.Knowledge.Tests.Versions;

public class PurlTests
{
    [Theory]
    [InlineData("pkg:deb/debian/openssl@3.0.16-1~deb12u1?arch=amd64&distro=bookworm", "openssl", "3.0.16-1~deb12u1", "amd64", "bookworm")]
    [InlineData("pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64", "libstdc++6", "12.2.0-14+deb12u1", "amd64", null)]
    [InlineData("pkg:deb/debian/vim@2:9.0.1378-2?arch=all", "vim", "2:9.0.1378-2", "all", null)]
    [InlineData("pkg:deb/debian/curl", "curl", null, null, null)]
    public void ToString_Package_IsCanonical(string text, string name, string? version, string? architecture, string? distribution)
    {
        var purl = new Purl { Namespace = "debian", Name = name, Version = version, Architecture = architecture, Distribution = distribution };

        Assert.Equal(text, purl.ToString());
        Assert.True(Purl.TryParse(text, out var read, out _));
        Assert.Equal(purl, read);
    }

    [Theory]
    [InlineData("PKG:DEB/Debian/OpenSSL@1?ARCH=amd64&checksum=sha256:aa&distro=", "pkg:deb/debian/openssl@1?arch=amd64")]
    [InlineData("pkg://deb/debian/curl@1%3A7.88%2B1", "pkg:deb/debian/curl@1:7.88%2B1")]
    public void TryParse_OtherSpellings_AreRead(string text, string canonical)
    {
        Assert.True(Purl.TryParse(text, out var purl, out _));
        Assert.Equal(canonical, purl.ToString());
    }

    [Theory]
    [InlineData("openssl", "does not start with pkg:")]
    [InlineData("pkg:rpm/fedora/curl@1", "its type is 'rpm'")]
    [InlineData("pkg:deb/curl@1", "not namespace and name")]
    [InlineData("pkg:deb/debian/curl@", "its version is empty")]
    [InlineData("pkg:deb/debian/curl@1?arch", "not key=value")]
    [InlineData("pkg:deb/debian/curl@1?arch=a&arch=b", "stands twice")]
    [InlineData("pkg:deb/debian/curl@1%2", "without two hex digits")]
    [InlineData("pkg:deb/debian/curl@1%FF", "not UTF-8")]
    [InlineData("pkg:deb/debian/curl@1#x", "subpath")]
    public void TryParse_FaultyText_SaysWhatIsWrong(string text, string expected)
    {
        Assert.False(Purl.TryParse(text, out _, out var fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_WrittenPackage_IsTheSame() => Gen.Select(VersionGen.Any, Gen.String[Gen.Char.AlphaNumeric, 1, 9]).Sample((version, name) =>
    {
        var purl = new Purl { Namespace = "debian", Name = name.ToLowerInvariant() + "+é", Version = version, Architecture = "amd64" };
        return Purl.TryParse(purl.ToString(), out var read, out _) && read == purl;
    });

    [Fact]
    public void TryParse_AnyText_NeverThrows() => Gen.String.Sample(text =>
    {
        Purl.TryParse("pkg:deb/debian/" + text, out _, out _);
        Purl.TryParse(text, out _, out _);
    });
}
