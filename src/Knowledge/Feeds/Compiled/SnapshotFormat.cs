using System.Numerics;
using System.Runtime.InteropServices;

namespace Suture.Knowledge.Feeds.Compiled;

/// <summary>Layout of a compiled snapshot. All numbers are little-endian; tables are arrays that are read where they lie.</summary>
/// <remarks>
/// <code>
/// header      magic 8, version u32, sections u32, length u64, checksum u64, digest 32, section table 12 x (offset u32, length u32)
/// Meta        feeds with their ages, KEV known, EPSS model and date
/// StringEnds  u32 a string; StringBytes: UTF-8
/// Releases    (name, first group, end group)         ordered by name
/// Groups      (source, first fix, end fix)           ordered by source within a release
/// Fixes       (vulnerability, version, first record, end record)
/// Records     (version, record, day, feed)
/// CveKeys     u64 a CVE, ordered; CveStarts: u32 into CveBytes
/// Note        text of whoever wrote the file; outside the digest
/// </code>
/// The digest is over every section but the note, so equal content has an equal digest; the checksum is over the whole file.
/// </remarks>
internal static class SnapshotFormat
{
    /// <summary>Changes with every change of the layout, so that a file of another version is compiled anew.</summary>
    public const uint Version = 1;

    public const int HeaderBytes = 64 + (SectionsMax * 8);
    public const int ChecksumWord = 3;
    public const int ChecksumAt = ChecksumWord * sizeof(ulong);
    public const int DigestAt = 32;
    public const int DigestBytes = 32;
    public const int TableAt = 64;

    /// <summary>Place for sections in the header; <see cref="Section"/> uses the first of them.</summary>
    public const int SectionsMax = 12;

    /// <summary>No day.</summary>
    public const int NoDay = -1;

    public static ReadOnlySpan<byte> Magic => "SUTUREFS"u8;

    /// <summary>Checksum that finds damage: four interleaved CRC-32C over 8-byte words, folded; the field itself counts as zero.</summary>
    /// <param name="file">The whole file; its length is a multiple of 8.</param>
    public static ulong Checksum(ReadOnlySpan<byte> file)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(file);
        uint a = BitOperations.Crc32C(0u, words[0]), b = BitOperations.Crc32C(1u, words[1]), c = BitOperations.Crc32C(2u, words[2]), d = 3;
        var index = ChecksumWord + 1;
        for (; index + 4 <= words.Length; index += 4)
        {
            a = BitOperations.Crc32C(a, words[index]);
            b = BitOperations.Crc32C(b, words[index + 1]);
            c = BitOperations.Crc32C(c, words[index + 2]);
            d = BitOperations.Crc32C(d, words[index + 3]);
        }
        for (; index < words.Length; index++)
        {
            a = BitOperations.Crc32C(a, words[index]);
        }
        var low = BitOperations.Crc32C(BitOperations.Crc32C(a, (ulong)b), (ulong)words.Length);
        var high = BitOperations.Crc32C(BitOperations.Crc32C(c, (ulong)d), (ulong)words.Length);
        return ((ulong)high << 32) | low;
    }
}

/// <summary>Parts of a compiled snapshot.</summary>
internal enum Section
{
    Meta = 0,
    StringEnds = 1,
    StringBytes = 2,
    Releases = 3,
    Groups = 4,
    Fixes = 5,
    Records = 6,
    CveKeys = 7,
    CveStarts = 8,
    CveBytes = 9,
    Note = 10,
}

/// <summary>What a CVE's bytes hold, in this order.</summary>
[Flags]
internal enum CveParts : byte
{
    None = 0,
    Published = 1,
    Kev = 2,
    Epss = 4,
    Cvss = 8,
    Ssvc = 16,
    Exploits = 32,
    Cwe = 64,
    Description = 128,
}

/// <summary>A release: name and its groups <c>[First, End)</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct ReleaseEntry(int Name, int First, int End);

/// <summary>A source of a release: name and its fixes <c>[First, End)</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct SourceEntry(int Source, int First, int End);

/// <summary>A fix: vulnerability, highest version, its records <c>[First, End)</c>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct FixEntry(int Vulnerability, int Version, int First, int End);

/// <summary>A record: version, name, day number or <see cref="SnapshotFormat.NoDay"/>, feed.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct RecordEntry(int Version, int Record, int Day, int Feed);
