using System.Buffers.Binary;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Text;
using Suture.Contracts.Api;
using Suture.Knowledge.Feeds.Compiled;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds;

/// <summary>A snapshot in its compiled form, in memory or in a memory-mapped file. Nothing is parsed when it is opened; each answer is read where it lies.</summary>
/// <remarks>Safe for any number of readers. Whoever opened a file disposes it when no reader is left; a snapshot that is only dropped frees itself.</remarks>
public sealed unsafe partial class CompiledSnapshot : FeedSnapshot, IDisposable
{
    /// <summary>Ending of the file's name.</summary>
    public const string FileEnding = ".snapshot";

    private readonly byte[]? _bytes;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private byte* _pointer;
    private int _length;
    private readonly string?[] _strings;
    private readonly FixList?[] _fixLists;
    private readonly bool _isOpen;

    private CompiledSnapshot(byte[]? bytes, MemoryMappedFile? file, MemoryMappedViewAccessor? view, byte* pointer, int length)
    {
        (_bytes, _file, _view, _length) = (bytes, file, view, length);
        _pointer = pointer;
        _strings = new string?[Part(Section.StringEnds).Length / sizeof(int)];
        _fixLists = new FixList?[Rows<SourceEntry>(Section.Groups).Length];
        Digest = Convert.ToHexStringLower(Data.Slice(SnapshotFormat.DigestAt, SnapshotFormat.DigestBytes));
        Note = Encoding.UTF8.GetString(Part(Section.Note));
        var meta = new SnapshotReader(Part(Section.Meta));
        var feeds = new FeedAge[Count(meta.Number(), Part(Section.Meta).Length)];
        for (var index = 0; index < feeds.Length; index++)
        {
            feeds[index] = new FeedAge { Feed = Text(meta.Number()), ContentDate = meta.Day(), Records = meta.Number(), Version = OptionalText(meta.Number()) };
        }
        Feeds = feeds;
        IsKevKnown = meta.Number() == 1;
        EpssModel = OptionalText(meta.Number());
        EpssDate = meta.Day();
        foreach (var section in Enum.GetValues<Section>())
        {
            _ = Part(section); // one that reaches beyond the file is refused here
        }
        _isOpen = true;
    }

    /// <inheritdoc/>
    public override string Digest { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<FeedAge> Feeds { get; }

    /// <summary>Text that whoever wrote the file kept with it; outside the digest. Empty when there is none.</summary>
    public string Note { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Releases => Whole(ReadReleases);

    /// <summary>CVEs of which some feed tells something.</summary>
    public int Vulnerabilities => Rows<ulong>(Section.CveKeys).Length;

    internal bool IsKevKnown { get; }

    internal string? EpssModel { get; }

    internal DateOnly? EpssDate { get; }

    /// <summary>Opens a file that <see cref="Write"/> wrote. Takes a few milliseconds: header and checksum are verified, nothing is parsed.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The snapshot; or the fault, when the file is missing, cut off, damaged, or of another version. It must then be compiled anew.</returns>
    public static FeedResult<CompiledSnapshot> Open(string path)
    {
        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        byte* pointer = null;
        try
        {
            var length = new FileInfo(path) is { Exists: true } info ? info.Length : throw new FileNotFoundException("there is no such file", path);
            if (length is < SnapshotFormat.HeaderBytes or > FeedLimits.CompiledBytesMax || length % 8 != 0)
            {
                return Refused(path, $"it has {length.ToString(CultureInfo.InvariantCulture)} bytes and is cut off or no compiled snapshot");
            }
            file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
            view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            var start = pointer + view.PointerOffset;
            if (FindFault(new ReadOnlySpan<byte>(start, (int)length)) is { } fault)
            {
                return Refused(path, fault);
            }
            var snapshot = new CompiledSnapshot(null, file, view, start, (int)length);
            (file, view) = (null, null);
            return new FeedResult<CompiledSnapshot> { Content = snapshot };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            return Refused(path, $"it cannot be read ({fault.Message})");
        }
        finally
        {
            if (view is not null && pointer is not null)
            {
                view.SafeMemoryMappedViewHandle.ReleasePointer();
            }
            view?.Dispose();
            file?.Dispose();
        }
    }

    /// <summary>Writes a snapshot, whole or not at all: a file of the same name is replaced in one step, readers of the old one keep it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="snapshot">A snapshot made by <see cref="FeedSnapshotBuilder"/> or opened from a file.</param>
    /// <param name="note">Text to keep with it; null keeps the one it has.</param>
    public static void Write(string path, FeedSnapshot snapshot, string? note = null)
    {
        var compiled = snapshot as CompiledSnapshot
            ?? throw new ArgumentException($"{snapshot?.GetType().Name ?? "null"} has no compiled form; build it with {nameof(FeedSnapshotBuilder)}.", nameof(snapshot));
        var bytes = note is null || note == compiled.Note ? compiled.Data.ToArray() : compiled.WithNote(note);
        var part = $"{path}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}.part";
        try
        {
            using (var file = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
        GC.KeepAlive(compiled);
    }

    /// <inheritdoc/>
    public override bool Covers(string release) => Whole(() => FindRelease(release) >= 0);

    /// <inheritdoc/>
    public override IReadOnlyList<SourceFix> FixesOf(string release, string source)
    {
        try
        {
            return ReadFixes(release, source);
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            throw Damaged(fault);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> SourcesOf(string release) => Whole(() => ReadSources(release));

    /// <inheritdoc/>
    public override Vulnerability Find(string vulnerability)
    {
        try
        {
            return ReadVulnerability(vulnerability);
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            throw Damaged(fault);
        }
    }

    private string[] ReadReleases()
    {
        var rows = Rows<ReleaseEntry>(Section.Releases);
        var releases = new string[rows.Length];
        for (var index = 0; index < rows.Length; index++)
        {
            releases[index] = Text(rows[index].Name);
        }
        GC.KeepAlive(this);
        return releases;
    }

    private IReadOnlyList<SourceFix> ReadFixes(string release, string source)
    {
        if (FindRelease(release) is not (>= 0 and var row) || FindGroup(Rows<ReleaseEntry>(Section.Releases)[row], source) is not (>= 0 and var group))
        {
            return [];
        }
        if (Volatile.Read(ref _fixLists[group]) is { } list)
        {
            return list;
        }
        var rows = Rows<SourceEntry>(Section.Groups)[group];
        list = new FixList(this, release, source, rows.First, Count(rows.End - rows.First, Rows<FixEntry>(Section.Fixes).Length));
        GC.KeepAlive(this);
        return Interlocked.CompareExchange(ref _fixLists[group], list, null) ?? list;
    }

    private string[] ReadSources(string release)
    {
        if (FindRelease(release) is not (>= 0 and var row))
        {
            return [];
        }
        var (_, first, end) = Rows<ReleaseEntry>(Section.Releases)[row];
        var sources = new string[Count(end - first, Rows<SourceEntry>(Section.Groups).Length)];
        for (var index = 0; index < sources.Length; index++)
        {
            sources[index] = Text(Rows<SourceEntry>(Section.Groups)[first + index].Source);
        }
        GC.KeepAlive(this);
        return sources;
    }

    private Vulnerability ReadVulnerability(string vulnerability)
    {
        var keys = Rows<ulong>(Section.CveKeys);
        var found = CveKey.Of(vulnerability) is { } key ? keys.BinarySearch(key) : -1;
        if (found < 0)
        {
            return new Vulnerability { Id = vulnerability, KevKnown = IsKevKnown };
        }
        return DecodeAt(found, vulnerability);
    }

    /// <summary>All fix records, by release, source and fixed version.</summary>
    public IEnumerable<FixRecord> Fixes() =>
        from release in Releases
        from source in SourcesOf(release)
        from fix in FixesOf(release, source)
        from record in fix.Records
        select record;

    /// <summary>Frees the memory-mapped file when nobody holds the snapshot any more; as long as the pointer is held, the mapping outlives even its own handle.</summary>
    ~CompiledSnapshot() => ReleasePointer();

    /// <summary>Frees the memory-mapped file. Every later call fails.</summary>
    public void Dispose()
    {
        ReleasePointer();
        GC.SuppressFinalize(this);
        _view?.Dispose();
        _file?.Dispose();
    }

    private void ReleasePointer()
    {
        if (_isOpen && _view is not null && _pointer is not null)
        {
            _pointer = null;
            _length = 0;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    internal static CompiledSnapshot FromBytes(byte[] bytes)
    {
        var snapshot = new CompiledSnapshot(bytes, null, null, null, bytes.Length);
        GC.SuppressFinalize(snapshot);
        return snapshot;
    }

    /// <summary>Key of a CVE by its place; null beyond the last.</summary>
    internal ulong? KeyAt(int place)
    {
        var keys = Rows<ulong>(Section.CveKeys);
        return place < keys.Length ? keys[place] : null;
    }

    /// <summary>What is told of a CVE by its place; its id is left empty.</summary>
    internal Vulnerability VulnerabilityAt(int place) => Whole(() => DecodeAt(place, ""));

    internal SourceFix FixAt(string release, string source, int index)
    {
        try
        {
            return ReadFix(release, source, index);
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            throw Damaged(fault);
        }
    }

    private SourceFix ReadFix(string release, string source, int index)
    {
        var row = Rows<FixEntry>(Section.Fixes)[index];
        var vulnerability = Text(row.Vulnerability);
        var records = new FixRecord[Count(row.End - row.First, Rows<RecordEntry>(Section.Records).Length)];
        for (var at = 0; at < records.Length; at++)
        {
            var (version, name, day, feed) = Rows<RecordEntry>(Section.Records)[row.First + at];
            records[at] = new FixRecord(release, source, vulnerability, Text(version), Text(name),
                day == SnapshotFormat.NoDay ? null : DateOnly.FromDayNumber(day), Text(feed));
        }
        GC.KeepAlive(this);
        return new SourceFix(vulnerability, Text(row.Version), records);
    }

    private ReadOnlySpan<byte> Data => _bytes is not null ? _bytes : new ReadOnlySpan<byte>(_pointer, _length);

    private ReadOnlySpan<byte> Part(Section section) => Part(Data, section);

    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> data, Section section)
    {
        var entry = data.Slice(SnapshotFormat.TableAt + ((int)section * 8), 8);
        return data.Slice((int)BinaryPrimitives.ReadUInt32LittleEndian(entry), (int)BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]));
    }

    private ReadOnlySpan<T> Rows<T>(Section section)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Part(section));

    private static FeedResult<CompiledSnapshot> Refused(string path, string reason) =>
        new() { Fault = new FeedFault("compiled-snapshot", Path.GetFileName(path), null, $"{reason}; compile it anew from the feeds") };

    private static string? FindFault(ReadOnlySpan<byte> data)
    {
        if (!data.StartsWith(SnapshotFormat.Magic))
        {
            return "it is no compiled snapshot";
        }
        if (BinaryPrimitives.ReadUInt32LittleEndian(data[8..]) is var version && version != SnapshotFormat.Version)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it is of version {version}, wanted is {SnapshotFormat.Version}");
        }
        if (BinaryPrimitives.ReadUInt64LittleEndian(data[16..]) != (ulong)data.Length)
        {
            return "its length is not the one it states";
        }
        return BinaryPrimitives.ReadUInt64LittleEndian(data[SnapshotFormat.ChecksumAt..]) == SnapshotFormat.Checksum(data)
            ? null
            : "its checksum does not fit its content, it is damaged";
    }

    private byte[] WithNote(string note)
    {
        var sections = new ReadOnlyMemory<byte>[(int)Section.Note + 1];
        for (var index = 0; index < sections.Length; index++)
        {
            sections[index] = index == (int)Section.Note ? Encoding.UTF8.GetBytes(note) : Part((Section)index).ToArray();
        }
        return SnapshotLayout.Assemble(sections);
    }

    private int FindRelease(string release)
    {
        var rows = Rows<ReleaseEntry>(Section.Releases);
        for (var index = 0; index < rows.Length; index++)
        {
            if (Text(rows[index].Name) == release)
            {
                return index;
            }
        }
        return -1;
    }

    // Names of sources are ASCII, so the order of bytes is the order of characters.
    private int FindGroup(ReleaseEntry release, string source)
    {
        if (source.Length > FeedLimits.NameCharactersMax || !Ascii.IsValid(source))
        {
            return -1;
        }
        Span<byte> wanted = stackalloc byte[source.Length];
        Encoding.ASCII.GetBytes(source, wanted);
        var groups = Rows<SourceEntry>(Section.Groups);
        var ends = Rows<int>(Section.StringEnds);
        var bytes = Part(Section.StringBytes);
        var (low, high) = (release.First, release.End - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var text = groups[middle].Source;
            var start = text == 0 ? 0 : ends[text - 1];
            var order = bytes[start..ends[text]].SequenceCompareTo(wanted);
            if (order == 0)
            {
                return middle;
            }
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }
        GC.KeepAlive(this);
        return -1;
    }

    private string Text(int id)
    {
        if (_strings[id] is { } known)
        {
            return known;
        }
        var ends = Rows<int>(Section.StringEnds);
        var start = id == 0 ? 0 : ends[id - 1];
        return _strings[id] = Encoding.UTF8.GetString(Part(Section.StringBytes)[start..ends[id]]);
    }

    private string? OptionalText(int id) => id == 0 ? null : Text(id - 1);
}
