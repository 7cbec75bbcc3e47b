using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Suture.Advisories.Fetching;

namespace Suture.Advisories.Archive;

/// <summary>Reads a signed suite. Every byte that is used is covered by the signature: the release file by <c>gpgv</c>, the indexes and the packages by the hashes in it.</summary>
internal sealed class ArchiveClient(FeedHttp http, Gpgv gpgv, ArchiveOptions options)
{
    private const long UnpackedIndexBytesMax = 512L << 20;

    /// <summary>Fetches and verifies the release file, unless the one held is still the archive's.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="held">What was read before; null asks for it whatever it is.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The release file, the held one itself when nothing changed.</returns>
    /// <exception cref="InvalidDataException">Not signed well.</exception>
    internal async Task<(SignedRelease Release, FeedValidator Validator)> ReadReleaseAsync(ArchiveSuite suite, HeldSuite? held, CancellationToken cancellation)
    {
        var response = await http.GetAsync(
            Address(suite, $"dists/{suite.Suite}/InRelease"), options.IndexBytesMax, held?.Validator ?? FeedValidator.None, cancellation);
        return held is not null && response.IsUnchanged
            ? (held.Release, held.Validator)
            : (await SignedRelease.VerifyAsync(response.Body, options.KeyringPath, gpgv, cancellation), response.Validator);
    }

    /// <summary>Fetches the package indexes that the release file names, and checks their hashes. One that is held under the same hash is not fetched.</summary>
    /// <param name="suite">The suite; components that the release file does not name are left out.</param>
    /// <param name="release">Its release file.</param>
    /// <param name="held">What was read before.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="InvalidDataException">The release file names none of the components, or an index is not the signed one.</exception>
    internal async Task<IReadOnlyList<HeldIndex>> ReadIndexesAsync(ArchiveSuite suite, SignedRelease release, HeldSuite? held, CancellationToken cancellation)
    {
        var indexes = new List<HeldIndex>();
        foreach (var path in suite.Components.Select(component => $"{component}/binary-{suite.Architecture}/Packages.xz"))
        {
            if (release.Sha256.TryGetValue(path, out var signed))
            {
                indexes.Add(held?.Indexes.FirstOrDefault(index => index.Path == path && index.Hash == signed.Hash)
                    ?? new HeldIndex(path, signed.Hash, await FetchIndexAsync(suite, path, signed.Hash, cancellation)));
            }
        }
        return indexes.Count > 0
            ? indexes
            : throw new InvalidDataException($"the signed release file names no package index of {string.Join(", ", suite.Components)} for {suite.Architecture}");
    }

    /// <summary>Fetches a package and checks its hash against the signed index.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="file">The package.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null when the archive does not have what its index names: mirrors leave packages out, or are just being updated.</returns>
    /// <exception cref="HttpRequestException">The archive cannot be reached, or fails.</exception>
    /// <exception cref="InvalidDataException">Larger than allowed, or not the signed one.</exception>
    internal async Task<byte[]?> FindPackageAsync(ArchiveSuite suite, PackageFile file, CancellationToken cancellation)
    {
        if (file.SizeBytes > options.PackageBytesMax)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"{file.Path} has {file.SizeBytes:N0} bytes, allowed are {options.PackageBytesMax:N0}"));
        }
        try
        {
            var response = await http.GetAsync(Address(suite, file.Path), options.PackageBytesMax, FeedValidator.None, cancellation);
            RequireHash(file.Path, response.Body, file.Sha256);
            return response.Body;
        }
        catch (HttpRequestException refusal) when (refusal.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<PackageFile>> FetchIndexAsync(ArchiveSuite suite, string path, string hash, CancellationToken cancellation)
    {
        // By hash where the archive offers it would be fairer to caches; the plain path is there on every mirror.
        var response = await http.GetAsync(Address(suite, $"dists/{suite.Suite}/{path}"), options.IndexBytesMax, FeedValidator.None, cancellation);
        RequireHash(path, response.Body, hash);
        using var unpacked = new BoundedStream(new XzReader(new MemoryStream(response.Body, writable: false)), UnpackedIndexBytesMax);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        return [.. PackageFile.ReadIndex(reader)];
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
