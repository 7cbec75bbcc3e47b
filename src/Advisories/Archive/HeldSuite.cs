using Suture.Advisories.Fetching;

namespace Suture.Advisories.Archive;

/// <summary>A suite as it was last read well: what has not changed at the archive since is not fetched again. Lost with the process, then it is fetched whole once.</summary>
/// <param name="Release">The release file whose signature held.</param>
/// <param name="Validator">What to send to ask whether it changed.</param>
/// <param name="Indexes">The package indexes that it names, one a component.</param>
internal sealed record HeldSuite(SignedRelease Release, FeedValidator Validator, IReadOnlyList<HeldIndex> Indexes)
{
    /// <summary>Packages of all components.</summary>
    internal IEnumerable<PackageFile> Files => Indexes.SelectMany(index => index.Files);
}

/// <summary>A package index whose hash was the signed one.</summary>
internal sealed record HeldIndex(string Path, string Hash, IReadOnlyList<PackageFile> Files);
