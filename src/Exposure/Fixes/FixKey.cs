using System.Diagnostics.CodeAnalysis;
using Suture.Contracts.Api;
using Suture.Knowledge.Versions;

namespace Suture.Exposure.Fixes;

/// <summary>Names one fix: all open findings of one source in one release are closed by one version.</summary>
/// <param name="Release">Codename.</param>
/// <param name="Source">Source package.</param>
/// <param name="Version">Source version to reach: the highest fixed version over the findings.</param>
/// <param name="IsEffect">True when the version is on disk already and only a restart or a reboot is left.</param>
/// <remarks>Text: <c>bookworm/openssl/3.0.17-1~deb12u2</c>, with <c>/effect</c> at the end for pending effects. Neither codename, source name nor
/// version can hold a slash (Debian policy 5.6.1, 5.6.12).</remarks>
public readonly record struct FixKey(string Release, string Source, string Version, bool IsEffect)
{
    private const string EffectSuffix = "/effect";

    /// <summary>The fix that closes one asset's open findings of one source.</summary>
    /// <param name="findings">Open findings of one source on one asset; at least one.</param>
    /// <param name="release">The asset's release.</param>
    /// <remarks>Assets agree on the version: who is below some fix of the source is below its highest.</remarks>
    public static FixKey Of(IReadOnlyCollection<Finding> findings, string release)
    {
        var highest = findings.First().FixedVersion;
        foreach (var finding in findings)
        {
            if (DebianVersion.Compare(finding.FixedVersion, highest) > 0)
            {
                highest = finding.FixedVersion;
            }
        }
        return new FixKey(release, findings.First().Source, highest, findings.All(finding => finding.Status == FindingStatus.PendingEffect));
    }

    /// <summary>Reads the text of a key.</summary>
    /// <param name="text">Text as <see cref="ToString"/> writes it.</param>
    /// <param name="key">The key.</param>
    /// <returns>False when it is not one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out FixKey key)
    {
        key = default;
        if (text is null)
        {
            return false;
        }
        var isEffect = text.EndsWith(EffectSuffix, StringComparison.Ordinal);
        var parts = (isEffect ? text[..^EffectSuffix.Length] : text).Split('/');
        if (parts.Length != 3 || parts.Any(string.IsNullOrEmpty))
        {
            return false;
        }
        key = new FixKey(parts[0], parts[1], parts[2], isEffect);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Release}/{Source}/{Version}{(IsEffect ? EffectSuffix : "")}";
}
