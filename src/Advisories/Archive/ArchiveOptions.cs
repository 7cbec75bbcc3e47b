namespace Suture.Advisories.Archive;

/// <summary>A signed suite that is read as a feed.</summary>
public sealed record ArchiveSuite
{
    /// <summary>Release its packages are for, <c>bookworm</c>.</summary>
    public required string Release { get; init; }

    /// <summary>Address of the archive, without <c>dists</c>, ending with a slash.</summary>
    public required Uri Archive { get; init; }

    /// <summary>Suite, <c>bookworm-security</c>.</summary>
    public required string Suite { get; init; }

    /// <summary>Components; those that the suite does not have are left out.</summary>
    public IReadOnlyList<string> Components { get; init; } = ["main", "contrib", "non-free", "non-free-firmware"];

    /// <summary>Architecture whose index is read; source versions are the same for all.</summary>
    public string Architecture { get; init; } = "amd64";
}

/// <summary>How the distribution's own archive is read.</summary>
public sealed class ArchiveOptions
{
    /// <summary>Debian's own security archive.</summary>
    public static Uri PublicArchive { get; } = new("http://deb.debian.org/debian-security/");

    /// <summary>False to leave the archive alone.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Keyring that <c>gpgv</c> trusts.</summary>
    public string KeyringPath { get; set; } = "/usr/share/keyrings/debian-archive-keyring.gpg";

    /// <summary>Suites read.</summary>
    public IReadOnlyList<ArchiveSuite> Suites { get; set; } = SecuritySuites(PublicArchive);

    /// <summary>Bytes of one package file at the most.</summary>
    public long PackageBytesMax { get; set; } = 64L << 20;

    /// <summary>Bytes of package files in one run at the most; the rest waits for the next.</summary>
    public long RunBytesMax { get; set; } = 512L << 20;

    /// <summary>Bytes of a release file or a packed index at the most.</summary>
    public long IndexBytesMax { get; set; } = 64L << 20;

    /// <summary>Time after which a changelog that was not found is sought again.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Time between looks at a suite when nothing asks for one sooner.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The security suites of the releases that are supported here.</summary>
    /// <param name="archive">Debian's archive or a mirror of it; all that is taken from it is signed.</param>
    public static IReadOnlyList<ArchiveSuite> SecuritySuites(Uri archive) =>
        [.. new[] { "bullseye", "bookworm", "trixie" }.Select(release => new ArchiveSuite { Release = release, Archive = archive, Suite = $"{release}-security" })];
}
