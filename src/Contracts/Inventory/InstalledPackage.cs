using System.Text.Json.Serialization;

namespace Suture.Contracts.Inventory;

/// <summary>Whose package it is, as far as it can be told.</summary>
[JsonConverter(typeof(SnakeCase<OriginKind>))]
public enum OriginKind
{
    /// <summary>The distribution's own archive.</summary>
    Distribution = 1,
    /// <summary>Another repository; the distribution's advisories do not speak of it.</summary>
    ThirdParty = 2,
    /// <summary>Contradicting or no evidence.</summary>
    Unknown = 3,
}

/// <summary>How the origin is known (design decision 5).</summary>
[JsonConverter(typeof(SnakeCase<OriginBasis>))]
public enum OriginBasis
{
    /// <summary>The installed version stands in an index that the machine holds now.</summary>
    Observed = 1,
    /// <summary>It stood in one when an earlier report was made.</summary>
    Remembered = 2,
    /// <summary>Told from the source's name, the form of the version and the repositories configured.</summary>
    Inferred = 3,
}

/// <summary>One binary package in state <c>installed</c>.</summary>
/// <remarks>Two packages are the same software when all members but the origin's basis are equal. Source and version are already mapped to the
/// base source (<c>linux-signed-amd64 6.1.192+2</c> is <c>linux 6.1.192-2</c>).</remarks>
public sealed record InstalledPackage
{
    /// <summary>Binary package name, <c>libssl3</c>. At most 255 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Binary version as dpkg has it, <c>3.0.16-1~deb12u1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Architecture, <c>amd64</c> or <c>all</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Source package name, signed sources mapped to their base.</summary>
    public required string Source { get; init; }

    /// <summary>Source version; the one that advisories speak of.</summary>
    public required string SourceVersion { get; init; }

    /// <summary>Whose package it is.</summary>
    public required OriginKind Origin { get; init; }

    /// <summary>How that is known.</summary>
    public required OriginBasis OriginBasis { get; init; }

    /// <summary>The repository in words, <c>Debian bookworm-security</c>; null when not known.</summary>
    public string? OriginLabel { get; init; }
}
