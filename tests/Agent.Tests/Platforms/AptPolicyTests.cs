using Suture.Agent.Platforms.Linux;

namespace Suture.Agent.Tests.Platforms;

public sealed class AptPolicyTests
{
    // As apt 2.6 prints it, with a repository beside the distribution's.
    private const string Repositories = """
        Package files:
         100 /var/lib/dpkg/status
             release a=now
         500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
             release v=12,o=Debian,a=oldstable-security,n=bookworm-security,l=Debian-Security,c=main,b=amd64
             origin deb.debian.org
          -1 http://repo.example.org/apt stable/main amd64 Packages
             release o=Acme, Inc.,a=stable,n=stable,l=Acme,c=main,b=amd64
             origin repo.example.org
        1001 http://bare.example.org ./ Packages
             release c=
             origin bare.example.org
         500 http://deb.debian.org/debian bookworm/main amd64 Packages
             release v=12.15,o=Debian,a=oldstable,n=bookworm,l=Debian,c=main,b=amd64
             origin deb.debian.org
        Pinned packages:
             openssl -> 3.0.22-1~deb12u2 with priority 990
        """;

    private const string Tables = """
        libssl3:
          Installed: 3.0.20-1~deb12u2
          Candidate: 3.0.22-1~deb12u2
          Version table:
             3.0.22-1~deb12u2 500
                500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
                 -1 http://repo.example.org/apt stable/main amd64 Packages
         *** 3.0.20-1~deb12u2 500
                500 http://deb.debian.org/debian bookworm/main amd64 Packages
                100 /var/lib/dpkg/status
        libssl3:i386:
          Installed: (none)
          Candidate: 20230311
          Version table:
             20230311 500
               1001 http://bare.example.org ./ Packages
        tzdata:
          Installed: 2026b-0+deb12u1
          Candidate: 2026b-0+deb12u1
          Version table:
         *** 2026b-0+deb12u1 100
                100 /var/lib/dpkg/status
        """;

    [Theory]
    [InlineData("libssl3", "amd64", "3.0.22-1~deb12u2", "Acme, Inc.|Debian")]
    [InlineData("libssl3", "amd64", "3.0.20-1~deb12u2", "Debian")]
    [InlineData("libssl3", "i386", "20230311", "")] // a version of digits only; a repository that states no origin
    [InlineData("libssl3", "i386", "3.0.22-1~deb12u2", null)]
    [InlineData("tzdata", "all", "2026b-0+deb12u1", null)] // installed, but in no repository
    [InlineData("curl", "amd64", "1", null)]
    public void Origins_ExactVersion_AreThoseOfItsRepositories(string name, string architecture, string version, string? expected)
    {
        var target = new JobTarget(name, architecture, version);

        var found = AptPolicy.Origins(Repositories, Tables, [target]);

        Assert.Equal(expected, found.TryGetValue(target, out var origins) ? string.Join('|', origins.Order(StringComparer.Ordinal)) : null);
    }
}
