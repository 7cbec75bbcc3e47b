using Suture.Knowledge.Versions;

namespace Suture.Knowledge.Tests.Versions;

public class KernelPackagesTests
{
    [Theory]
    [InlineData("linux-image-6.1.0-30-amd64", "6.1.0-30-amd64", true)]
    [InlineData("linux-image-6.1.0-30-amd64-unsigned", "6.1.0-30-amd64", true)]
    [InlineData("linux-image-6.1.0-30-rt-amd64-unsigned", "6.1.0-30-rt-amd64", true)]
    [InlineData("linux-image-6.12.9+bpo-cloud-arm64", "6.12.9+bpo-cloud-arm64", true)]
    [InlineData("linux-image-6.1.0-30-amd64-dbg", null, false)]
    [InlineData("linux-image-amd64", null, true)]
    [InlineData("linux-image-amd64-dbg", null, false)]
    [InlineData("linux-image-", null, true)]
    [InlineData("linux-headers-6.1.0-30-amd64", null, false)]
    [InlineData("linux-libc-dev", null, false)]
    public void Names_OfDebiansKernelPackages_AreTold(string package, string? release, bool bringsImage)
    {
        Assert.Equal((release, bringsImage), (KernelPackages.ReleaseOf(package), KernelPackages.BringsImage(package)));
        Assert.Equal(release is not null, KernelPackages.IsImage(package));
        Assert.Equal(release is not null, KernelPackages.Boots(package, "6.1.0-30-amd64") || KernelPackages.Boots(package, release ?? ""));
        Assert.Equal(release == "6.1.0-30-amd64", KernelPackages.Boots(package, "6.1.0-30-amd64"));
    }
}
