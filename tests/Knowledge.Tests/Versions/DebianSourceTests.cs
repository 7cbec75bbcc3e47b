using Suture.Knowledge.Versions;
namespace Suture.Knowledge.Tests.Versions;

public class DebianSourceTests
{
    [Theory]
    [InlineData("tzdata", "2025b-0+deb12u1", null, "tzdata", "2025b-0+deb12u1")]
    [InlineData("libssl3", "3.0.16-1~deb12u1", "openssl", "openssl", "3.0.16-1~deb12u1")]
    [InlineData("bash", "5.2.15-2+b8", "bash (5.2.15-2)", "bash", "5.2.15-2")]
    [InlineData("bash", "5.2.15-2+b8", null, "bash", "5.2.15-2")] // a rebuild without the source's version
    [InlineData("libx", "1.0-1+b12", "x", "x", "1.0-1")]
    [InlineData("x", "1.0+b1-2", null, "x", "1.0+b1-2")] // +b1 of upstream stays
    [InlineData("x", "1.0-1+deb12u1", null, "x", "1.0-1+deb12u1")]
    [InlineData("linux-image-6.1.0-51-amd64", "6.1.192-2", "linux-signed-amd64 (6.1.192+2)", "linux", "6.1.192-2")]
    [InlineData("linux-image-6.12.115+deb12-amd64", "6.12.115-2~deb12u1", "linux-signed-6.12-amd64 (6.12.115+2~deb12u1)", "linux-6.12", "6.12.115-2~deb12u1")]
    [InlineData("grub-efi-amd64-signed", "1+2.06+13+deb12u1", null, "grub-efi-amd64", "1+2.06+13+deb12u1")]
    [InlineData("shim-signed", "1.44~1+deb12u1+15.8-1~deb12u1", "shim-signed (1.44~1+deb12u1)", "shim", "1.44~1+deb12u1")]
    [InlineData("python3-signedjson", "1.1.1-2", "python-signedjson", "python-signedjson", "1.1.1-2")]
    [InlineData("librust-unsigned-varint-dev", "0.5.1-3", "rust-unsigned-varint", "rust-unsigned-varint", "0.5.1-3")]
    [InlineData("x", "1", "a-signed-b-signed-amd64 (2+3)", "a-signed-b", "2-3")]
    [InlineData("x", "1", "a-signed-6.1 (2+3)", "a-6.1", "2-3")]
    [InlineData("x", "1", "a-signed-6.1x (2+3)", "a-signed-6.1x", "2+3")]
    public void Map_Package_IsItsSource(string package, string version, string? field, string source, string sourceVersion) =>
        Assert.Equal(new SourceVersion(source, sourceVersion), DebianSource.Map(package, version, field));
}
