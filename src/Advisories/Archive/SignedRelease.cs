using System.Globalization;

namespace Suture.Advisories.Archive;

/// <summary>A release file whose signature held.</summary>
/// <param name="Suite">Suite field.</param>
/// <param name="Codename">Codename field.</param>
/// <param name="Date">When it was signed.</param>
/// <param name="ValidUntil">Until when it may be used; null when it does not say.</param>
/// <param name="Sha256">Hash (lower-case hex) and size by path.</param>
internal sealed record SignedRelease(
    string Suite, string Codename, DateTimeOffset Date, DateTimeOffset? ValidUntil, IReadOnlyDictionary<string, (string Hash, long Size)> Sha256)
{
    private const int FilesMax = 20_000;

    /// <summary>How far ahead of our clock a release file may be signed. One from the future would keep every later one out, since they may not go back.</summary>
    internal static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    /// <summary>Verifies an InRelease file with <c>gpgv</c> and reads what was signed, and nothing else: text after the signature also passes
    /// <c>gpgv</c>'s exit code, so that only the bytes it writes to <c>--output</c> are read.</summary>
    /// <exception cref="InvalidDataException">The signature does not hold, or a field is missing.</exception>
    internal static async Task<SignedRelease> VerifyAsync(byte[] inRelease, string keyring, Gpgv gpgv, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("suture-release-");
        try
        {
            var signed = Path.Combine(folder.FullName, "InRelease");
            var output = Path.Combine(folder.FullName, "Release");
            await File.WriteAllBytesAsync(signed, inRelease, cancellation);
            await gpgv.VerifyAsync(keyring, signed, output, cancellation);
            return Parse(await File.ReadAllLinesAsync(output, cancellation));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Decides whether a release file may be used now.</summary>
    /// <returns>Null when it may, else why not.</returns>
    internal string? Refuse(string suite, DateTimeOffset? lastDate, DateTimeOffset now)
    {
        if (!string.Equals(Suite, suite, StringComparison.Ordinal) && !string.Equals(Codename, suite, StringComparison.Ordinal))
        {
            return $"the signed file is for suite '{Suite}' ({Codename}), wanted '{suite}'";
        }
        if (ValidUntil <= now)
        {
            return $"it was valid until {ValidUntil:O} and it is {now:O}; a fresh one is wanted (a mirror that stands still, or an attack)";
        }
        if (Date > now + AheadMax)
        {
            return $"it was signed {Date:O}, more than a day ahead of {now:O}; look at this server's clock, or at where the file comes from";
        }
        return Date < lastDate ? $"it was signed {Date:O}, older than the one of {lastDate:O} in force; signed metadata never goes back" : null;
    }

    internal static SignedRelease Parse(IReadOnlyList<string> lines)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var hashes = new Dictionary<string, (string, long)>(StringComparer.Ordinal);
        var inSha256 = false;
        foreach (var line in lines)
        {
            if (line.StartsWith(' '))
            {
                if (inSha256 && hashes.Count < FilesMax && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var hash, var size, var path]
                    && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
                {
                    hashes[path] = (hash, bytes);
                }
                continue;
            }
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                fields[line[..colon]] = line[(colon + 1)..].Trim();
                inSha256 = line.StartsWith("SHA256:", StringComparison.OrdinalIgnoreCase);
            }
        }
        return new SignedRelease(
            fields.GetValueOrDefault("Suite", ""), fields.GetValueOrDefault("Codename", ""),
            Instant(fields, "Date") ?? throw new InvalidDataException("the signed release file has no Date"),
            Instant(fields, "Valid-Until"), hashes);
    }

    private static DateTimeOffset? Instant(Dictionary<string, string> fields, string name) =>
        !fields.TryGetValue(name, out var text) ? null
        : DateTimeOffset.TryParse(text.Replace(" UTC", " +00:00", StringComparison.Ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant.ToUniversalTime()
            : throw new InvalidDataException($"the signed release file's {name} is '{text}'; wanted is an instant like 'Sat, 21 Nov 2026 20:17:37 UTC'");
}
