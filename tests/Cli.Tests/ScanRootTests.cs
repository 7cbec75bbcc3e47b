using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Tests;

/// <summary>A mounted system, judged through the command line.</summary>
public sealed class ScanRootTests : IDisposable
{
    private readonly CliRun _cli = new();

    public void Dispose() => _cli.Dispose();

    private string Feeds => Path.Combine(_cli.Home, "feeds");

    [Fact]
    public async Task Scan_MountedRoot_IsJudgedAsItsOwnMachine()
    {
        _cli.WriteWorld();
        var root = _cli.WriteRoot(CliRun.Package("libssl3", "3.0.16-1~deb12u1", "openssl"), CliRun.Package("curl", "7.88.1-10+deb12u12"));

        var (exit, output, error) = await _cli.RunAsync(["scan", "--root", root, "--feeds", Feeds, "--json"]);

        Assert.Equal((1, ""), (exit, error));
        var report = Report(output);
        Assert.Equal(("mounted", "bookworm", 2), (report.Asset.Name, report.Asset.OperatingSystem!.Codename, report.Asset.Packages));
        Assert.Equal(["CVE-2026-0001 libssl3", "CVE-2026-0002 libssl3"], report.Findings.Select(finding => $"{finding.Vulnerability} {finding.Package}"));
    }

    [Fact]
    public async Task Scan_KernelRunsAndTheFixedOneIsInstalled_WaitsForReboot()
    {
        _cli.WriteWorld();
        var root = _cli.WriteRoot(
            CliRun.Package("linux-image-6.1.0-29-amd64", "6.1.120-1", "linux-signed-amd64 (6.1.120+1)"),
            CliRun.Package("linux-image-6.1.0-30-amd64", "6.1.124-1", "linux-signed-amd64 (6.1.124+1)"),
            CliRun.Package("linux-image-6.1.0-37-amd64", "6.1.140-1", "linux-signed-amd64 (6.1.140+1)"));

        var (exit, output, error) = await _cli.RunAsync(["scan", "--root", root, "--kernel", "6.1.0-30-amd64", "--feeds", Feeds, "--json"]);

        Assert.Equal((1, ""), (exit, error));
        var finding = Assert.Single(Report(output).Findings);
        Assert.Equal(("CVE-2026-0004", "linux-image-6.1.0-30-amd64", FindingStatus.PendingEffect, "reboot"), (finding.Vulnerability, finding.Package, finding.Status, finding.Action));
        Assert.Equal(["linux-image-6.1.0-29-amd64"], Report(output).RemovableKernels.Select(kernel => kernel.Package));
    }

    [Fact]
    public async Task Scan_MountedRootWithoutAKernelTold_LeavesImagesUnknown()
    {
        _cli.WriteWorld();
        var root = _cli.WriteRoot(CliRun.Package("linux-image-6.1.0-30-amd64", "6.1.124-1", "linux-signed-amd64 (6.1.124+1)"));

        var (exit, output, _) = await _cli.RunAsync(["scan", "--root", root, "--feeds", Feeds, "--json"]);

        Assert.Equal(0, exit);
        Assert.Contains(Report(output).Unknown, item => item.Subject == "running-kernel" && item.Reason.Contains("1 installed kernel image is not judged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scan_ThirdPartysPackageWithADebianName_IsNoFindingButNotKnown()
    {
        _cli.WriteWorld();
        _cli.Write("feeds/DSA/list", "[20 Aug 2026] DSA-6001-1 nginx - security update\n\t{CVE-2026-0009}\n\t[bookworm] - nginx 1.22.1-9+deb12u3\n");
        var root = _cli.WriteRoot(CliRun.Package("nginx", "1.20.2-1~bookworm", maintainer: "NGINX Packaging <nginx-packaging@f5.com>"), CliRun.Package("libnginx-mod-mail", "1.22.1-9", "nginx"));
        _cli.WriteIndex("bookworm", "Debian", ("nginx", "1.22.1-9"), ("libnginx-mod-mail", "1.22.1-9"));
        _cli.WriteIndex("bookworm", "nginx", ("nginx", "1.28.0-1~bookworm"));

        var (exit, output, _) = await _cli.RunAsync(["scan", "--root", root, "--feeds", Feeds, "--json"]);

        Assert.Equal(1, exit);
        Assert.Equal(["libnginx-mod-mail"], Report(output).Findings.Select(finding => finding.Package));
        Assert.Contains(Report(output).Unknown, item => item.Subject == "nginx" && item.Reason.Contains("Third-party package", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scan_NoIndexes_JudgesDebiansPackagesAndLeavesForeignOnesUnknown()
    {
        _cli.WriteWorld();
        var root = _cli.WriteRoot(
            CliRun.Package("openssl", "3.0.16-1~deb12u1"),
            CliRun.Package("curl", "7.88.1-1", maintainer: "Someone <someone@example.org>"), // Debian's, kept by a person: the feeds know its source
            CliRun.Package("docker-ce", "5.24-1", maintainer: "Docker <support@docker.com>"));

        var (exit, output, _) = await _cli.RunAsync(["scan", "--root", root, "--feeds", Feeds, "--json"]);

        Assert.Equal(1, exit);
        Assert.Equal(["curl", "openssl"], Report(output).Findings.Select(finding => finding.Package).Distinct().Order());
        Assert.Contains(Report(output).Unknown, item => item.Subject == "docker-ce");
        Assert.DoesNotContain(Report(output).Unknown, item => item.Subject is "curl" or "openssl");
    }

    [Fact]
    public async Task Scan_NoIndexesAndAnotherRepositoryConfigured_LeavesForeignNamesUnknown()
    {
        _cli.WriteWorld();
        var root = _cli.WriteRoot(CliRun.Package("openssl", "3.0.16-1~deb12u1"), CliRun.Package("curl", "7.88.1-1", maintainer: "Someone <someone@example.org>"));
        _cli.Write("root/etc/apt/sources.list", "deb http://deb.debian.org/debian bookworm main\ndeb https://other.example/debian bookworm main extra\n");

        var (_, output, _) = await _cli.RunAsync(["scan", "--root", root, "--feeds", Feeds, "--json"]);

        Assert.Equal(["openssl"], Report(output).Findings.Select(finding => finding.Package).Distinct());
        Assert.Contains(Report(output).Unknown, item => item.Subject == "curl");
    }

    [Fact]
    public async Task Scan_FeedsGiven_LeavesImportedFeedsAndOwnIndexesOut()
    {
        _cli.WriteWorld();
        _cli.Write("other/DSA/list", "[20 Aug 2026] DSA-6003-1 zlib - security update\n\t{CVE-2026-0033}\n\t[bookworm] - zlib 1:1.2.14-1\n");
        var root = _cli.WriteRoot(CliRun.Package("zlib1g", "1:1.2.13.dfsg-1", "zlib"), CliRun.Package("curl", "7.88.1-10+deb12u11"), CliRun.Package("bash", "5.2-1"));
        _cli.WriteIndex("bookworm-security", "Debian", ("bash", "5.2-2"));
        Assert.Equal(0, (await _cli.RunAsync(["feeds", "import", Feeds])).Exit);

        var imported = Report((await _cli.RunAsync(["scan", "--root", root, "--json"])).Out);
        var given = Report((await _cli.RunAsync(["scan", "--root", root, "--feeds", Path.Combine(_cli.Home, "other"), "--json"])).Out);

        Assert.Equal(["CVE-2026-0003", "UNREAD-bash-5.2-2"], imported.Findings.Select(finding => finding.Vulnerability).Order(StringComparer.Ordinal));
        Assert.Contains(imported.Feeds, feed => feed.Feed == "cisa-kev");
        Assert.Equal(["CVE-2026-0033"], given.Findings.Select(finding => finding.Vulnerability));
        Assert.Equal(["debian-dsa"], given.Feeds.Select(feed => feed.Feed));
    }

    [Theory]
    [InlineData("sid", "no advisory feed in force speaks of sid")]
    [InlineData("bookworm", null)]
    public async Task Scan_ReleaseThatNoFeedCovers_FailsAndSaysSo(string release, string? reason)
    {
        _cli.WriteWorld();

        var (exit, output, error) = await _cli.RunAsync(["scan", "--status", Path.Combine(_cli.Home, "status"), "--release", release, "--feeds", Feeds]);

        Assert.Equal(reason is null ? 1 : 3, exit);
        Assert.Contains(reason ?? "", error, StringComparison.Ordinal);
        Assert.Contains("Feeds: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scan_NoAdvisoriesAmongTheFeeds_FailsAndSaysSo()
    {
        _cli.WriteWorld();
        Directory.Delete(Path.Combine(Feeds, "DSA"), recursive: true);

        var (exit, _, error) = await _cli.RunAsync(["scan", "--status", Path.Combine(_cli.Home, "status"), "--release", "bookworm", "--feeds", Feeds]);

        Assert.Equal(3, exit);
        Assert.Contains("Nothing was judged", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 3)] // no index at all
    [InlineData("bookworm", 3)] // none of the security suite
    [InlineData("bookworm-security", 0)]
    public async Task Scan_NoFeedsImported_IsJudgedBySecurityIndexesOfItsOwnOnly(string? suite, int expected)
    {
        var root = _cli.WriteRoot(CliRun.Package("bash", "5.2-2"));
        if (suite is not null)
        {
            _cli.WriteIndex(suite, "Debian", ("bash", "5.2-2"));
        }

        var (exit, _, error) = await _cli.RunAsync(["scan", "--root", root]);

        Assert.Equal(expected, exit);
        Assert.Equal(expected == 3, error.Contains("Nothing was judged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Scan_UpdateWithoutCveRanksFirst_IsExplainedByTheRiskiestCve()
    {
        _cli.WriteWorld();
        _cli.Write("feeds/DSA/list", "[21 Aug 2026] DSA-6000-2 curl - regression update\n\t[bookworm] - curl 7.88.1-10+deb12u13\n[10 Aug 2026] DSA-6000-1 curl - security update\n\t{CVE-2026-0003}\n\t[bookworm] - curl 7.88.1-10+deb12u12\n");
        var root = _cli.WriteRoot(CliRun.Package("curl", "7.88.1-10+deb12u11"));

        var (_, output, _) = await _cli.RunAsync(["scan", "--root", root, "--feeds", Feeds]);

        Assert.Contains("upgrade curl to 7.88.1-10+deb12u13  CVE-2026-0003 + unrated", output, StringComparison.Ordinal);
        Assert.Contains("EPSS 20th percentile", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scan_ManyUnknownForOneReason_AreSaidOnce()
    {
        _cli.WriteWorld();
        var root = _cli.WriteRoot([CliRun.Package("openssl", "3.0.17-1~deb12u2"), .. Enumerable.Range(1, 6).Select(number => CliRun.Package($"tool{number}", $"1.{number}-1", maintainer: "Tools <x@tools.example>"))]);

        var (_, output, _) = await _cli.RunAsync(["scan", "--root", root, "--feeds", Feeds]);

        Assert.Contains("  tool1, tool2, tool3, tool4 and 2 more: Its origin is unknown", output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n'), line => line.Contains("origin is unknown", StringComparison.Ordinal));
    }

    private static ScanReport Report(string json) => JsonSerializer.Deserialize(json, ContractsJson.Default.ScanReport)!;
}
