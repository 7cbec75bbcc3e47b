using Suture.Collect.Files;
using Suture.Contracts.Inventory;

namespace Suture.Collect.Apt;

/// <summary>Content of <c>origins.json</c>.</summary>
/// <param name="Schema">1.</param>
/// <param name="Origins">What was seen, ordered by name, version, architecture.</param>
internal sealed record RememberedOrigins(int Schema, IReadOnlyList<RememberedOrigin> Origins);

/// <summary>An index once offered this version.</summary>
/// <param name="Name">Binary package.</param>
/// <param name="Version">Version.</param>
/// <param name="Architecture">Architecture.</param>
/// <param name="Kind">Whose index it was.</param>
/// <param name="Label">The repository in words.</param>
internal sealed record RememberedOrigin(string Name, string Version, string Architecture, OriginKind Kind, string? Label);

/// <summary>Remembers which index offered what is installed, because archives keep one version and forget the others.</summary>
/// <remarks>Kept for what is installed, and for what the indexes offer under installed names, so that an upgrade between two reports is known as well.</remarks>
internal sealed class OriginMemory
{
    private const string FileName = "origins.json";
    private const int Schema = 1;

    private readonly string _folder;
    private readonly Dictionary<(string Name, string Version, string Architecture), RememberedOrigin> _known = [];
    private List<RememberedOrigin> _read = [];

    private OriginMemory(string folder) => _folder = folder;

    /// <summary>Loads the memory.</summary>
    /// <param name="folder">State folder.</param>
    /// <param name="failures">Says when the memory was lost: what was observed is then inferred anew.</param>
    public static OriginMemory Load(string folder, FailureList failures)
    {
        var memory = new OriginMemory(folder);
        var read = failures.Attempt("origin-memory", () => StateFile.Read(folder, FileName, CollectJson.Default.RememberedOrigins));
        if (read is { Schema: Schema })
        {
            memory._read = [.. read.Origins];
            foreach (var origin in read.Origins)
            {
                memory._known[(origin.Name, origin.Version, origin.Architecture)] = origin;
            }
        }
        return memory;
    }

    /// <summary>What an earlier report saw; null when nothing.</summary>
    public RememberedOrigin? Find(string name, string version, string architecture) => _known.GetValueOrDefault((name, version, architecture));

    /// <summary>Replaces the memory by what is known now and writes it when it changed.</summary>
    /// <param name="packages">Installed packages with their origin.</param>
    /// <param name="indexes">The indexes.</param>
    /// <param name="distribution"><c>ID</c> of <c>os-release</c>.</param>
    public void Save(IReadOnlyList<InstalledPackage> packages, AptIndexes indexes, string distribution)
    {
        var fresh = new Dictionary<(string, string, string), RememberedOrigin>();
        foreach (var package in packages)
        {
            foreach (var (release, entry) in indexes.Of(package.Name).OrderByDescending(offer => offer.Release.IsOf(distribution)))
            {
                var kind = release.IsOf(distribution) ? OriginKind.Distribution : OriginKind.ThirdParty;
                fresh.TryAdd((entry.Name, entry.Version, entry.Architecture), new RememberedOrigin(entry.Name, entry.Version, entry.Architecture, kind, release.Words));
            }
            if (package.OriginBasis != OriginBasis.Inferred)
            {
                fresh[(package.Name, package.Version, package.Architecture)] =
                    new RememberedOrigin(package.Name, package.Version, package.Architecture, package.Origin, package.OriginLabel);
            }
        }
        RememberedOrigin[] ordered = [.. fresh.OrderBy(p => p.Key.Item1, StringComparer.Ordinal).ThenBy(p => p.Key.Item2, StringComparer.Ordinal)
            .ThenBy(p => p.Key.Item3, StringComparer.Ordinal).Select(p => p.Value)];
        if (!ordered.SequenceEqual(_read))
        {
            StateFile.Write(_folder, FileName, new RememberedOrigins(Schema, ordered), CollectJson.Default.RememberedOrigins);
            _read = [.. ordered];
        }
    }
}
