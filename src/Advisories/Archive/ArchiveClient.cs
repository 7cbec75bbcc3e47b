using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Suture.Advisories.Fetching;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;

namespace Suture.Advisories.Archive;

/// <summary>Reads a signed suite. Every byte that is used is covered by the signature: the release file by <c>gpgv</c>, the index and the packages by the hashes in it.</summary>
internal sealed class ArchiveClient(FeedHttp http, ArchiveOptions options)
{
    private const long UnpackedIndexBytesMax = 512L << 20;

    /// <summary>Fetches and verifies the release file.</summary>
    /// <returns>Null when it did not change since.</returns>
    /// <exception cref="InvalidDataException">Not signed well.</exception>
    internal async Task<(SignedRelease Release, FeedValidator Validator)?> ReadReleaseAsync(ArchiveSuite suite, FeedValidator known, CancellationToken cancellation)
    {
        var response = await http.GetAsync(Address(suite, $"dists/{suite.Suite}/InRelease"), options.IndexBytesMax, known, cancellation);
        return response.IsUnchanged ? null : (await SignedRelease.VerifyAsync(response.Body, options.KeyringPath, cancellation), response.Validator);
    }

    /// <summary>Fetches the index of packages that the release file names, and checks its hash.</summary>
    internal async Task<IReadOnlyList<PackageFile>> ReadIndexAsync(ArchiveSuite suite, SignedRelease release, CancellationToken cancellation)
    {
        var path = $"{suite.Component}/binary-{suite.Architecture}/Packages.xz";
        if (!release.Sha256.TryGetValue(path, out var signed))
        {
            throw new InvalidDataException($"the signed release file names no {path}");
        }
        // By hash where the archive offers it would be fairer to caches; the plain path is there on every mirror.
        var response = await http.GetAsync(Address(suite, $"dists/{suite.Suite}/{path}"), options.IndexBytesMax, FeedValidator.None, cancellation);
        RequireHash(path, response.Body, signed.Hash);
        using var unpacked = new BoundedStream(new XzReader(new MemoryStream(response.Body, writable: false)), UnpackedIndexBytesMax);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        return [.. PackageFile.ReadIndex(reader)];
    }

    /// <summary>Fetches a package and checks its hash against the signed index.</summary>
    internal async Task<byte[]> FetchPackageAsync(ArchiveSuite suite, ArchiveRead read, CancellationToken cancellation)
    {
        if (read.File.SizeBytes > options.PackageBytesMax)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{read.File.Path} has {read.File.SizeBytes:N0} bytes, allowed are {options.PackageBytesMax:N0}"));
        }
        var response = await http.GetAsync(Address(suite, read.File.Path), options.PackageBytesMax, FeedValidator.None, cancellation);
        RequireHash(read.File.Path, response.Body, read.File.Sha256);
        return response.Body;
    }

    /// <summary>Reads the changelog of a package.</summary>
    /// <returns>Entries newer than the oldest installed version; null when the package carries no changelog.</returns>
    /// <exception cref="InvalidDataException">It cannot be read as a package.</exception>
    internal static IReadOnlyList<ChangelogEntry>? ChangelogOf(byte[] package, ArchiveRead read)
    {
        var text = DebPackage.ReadChangelog(package);
        return text is null
            ? null
            : DebianChangelog.Read(new StringReader(text), version => DebianVersion.Compare(version, read.OldestInstalled) > 0);
    }

    private static void RequireHash(string path, byte[] body, string wanted)
    {
        var seen = Convert.ToHexStringLower(SHA256.HashData(body));
        if (!string.Equals(seen, wanted, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException($"{path} has SHA-256 {seen}, the signed index says {wanted}: damaged or exchanged on the way, or the mirror is just being updated");
        }
    }

    // An address without a slash at its end would lose its last part.
    private static Uri Address(ArchiveSuite suite, string path) => new($"{suite.Archive.ToString().TrimEnd('/')}/{path}");
}
