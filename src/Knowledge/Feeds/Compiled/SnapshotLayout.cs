using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Suture.Contracts.Api;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds.Compiled;

/// <summary>Writes the bytes of a compiled snapshot. The same content gives the same bytes.</summary>
internal sealed class SnapshotLayout
{
    private readonly ArrayBufferWriter<byte> _meta = new();
    private readonly Dictionary<string, int> _strings = new(StringComparer.Ordinal);
    private readonly List<int> _stringEnds = [];
    private readonly ArrayBufferWriter<byte> _stringBytes = new();
    private readonly List<ReleaseEntry> _releases = [];
    private readonly List<SourceEntry> _groups = [];
    private readonly List<FixEntry> _fixes = [];
    private readonly List<RecordEntry> _records = [];
    private readonly List<ulong> _cveKeys = [];
    private readonly List<int> _cveStarts = [];
    private readonly ArrayBufferWriter<byte> _cveBytes = new();

    public SnapshotLayout(IEnumerable<FeedAge> feeds)
    {
        var ages = feeds.OrderBy(age => age.Feed, StringComparer.Ordinal).ToList();
        Number(_meta, ages.Count);
        foreach (var age in ages)
        {
            Number(_meta, Text(age.Feed));
            Day(_meta, age.ContentDate);
            Number(_meta, age.Records);
            OptionalText(_meta, age.Version);
        }
    }

    public void AddFixes(IReadOnlyList<string> releases, IEnumerable<FixGroup> groups)
    {
        var byRelease = groups.ToLookup(group => group.Release, StringComparer.Ordinal);
        foreach (var release in releases)
        {
            var first = _groups.Count;
            foreach (var group in byRelease[release])
            {
                AddGroup(group);
            }
            _releases.Add(new ReleaseEntry(Text(release), first, _groups.Count));
        }
    }

    public void AddVulnerabilities(bool isKevKnown, string? epssModel, DateOnly? epssDate, IEnumerable<KeyedVulnerability> vulnerabilities)
    {
        Number(_meta, isKevKnown ? 1 : 0);
        OptionalText(_meta, epssModel);
        Day(_meta, epssDate);
        foreach (var (key, vulnerability) in vulnerabilities)
        {
            _cveKeys.Add(key);
            _cveStarts.Add(_cveBytes.WrittenCount);
            AddVulnerability(vulnerability);
        }
    }

    public byte[] ToBytes(string note)
    {
        ReadOnlyMemory<byte>[] sections =
        [
            _meta.WrittenMemory, Bytes(_stringEnds), _stringBytes.WrittenMemory, Bytes(_releases), Bytes(_groups), Bytes(_fixes), Bytes(_records),
            Bytes(_cveKeys), Bytes(_cveStarts), _cveBytes.WrittenMemory, Encoding.UTF8.GetBytes(note),
        ];
        return Assemble(sections);
    }

    /// <summary>Puts sections together under a header.</summary>
    /// <param name="sections">Contents in the order of <see cref="Section"/>.</param>
    public static byte[] Assemble(ReadOnlyMemory<byte>[] sections)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = sections.Aggregate((long)SnapshotFormat.HeaderBytes, (sum, section) => sum + Padded(section.Length));
        if (length > FeedLimits.CompiledBytesMax)
        {
            throw new InvalidDataException($"The compiled snapshot would have {length} bytes; at most {FeedLimits.CompiledBytesMax} are written.");
        }
        var file = new byte[length];
        SnapshotFormat.Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), SnapshotFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), (uint)sections.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), (ulong)length);
        var at = SnapshotFormat.HeaderBytes;
        for (var index = 0; index < sections.Length; index++)
        {
            var entry = file.AsSpan(SnapshotFormat.TableAt + (index * 8), 8);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)at);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)sections[index].Length);
            sections[index].Span.CopyTo(file.AsSpan(at));
            at += Padded(sections[index].Length);
            if (index != (int)Section.Note)
            {
                hash.AppendData(entry[4..]);
                hash.AppendData(sections[index].Span);
            }
        }
        hash.GetHashAndReset(file.AsSpan(SnapshotFormat.DigestAt, SnapshotFormat.DigestBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(SnapshotFormat.ChecksumAt), SnapshotFormat.Checksum(file));
        return file;
    }

    private void AddGroup(FixGroup group)
    {
        var first = _fixes.Count;
        foreach (var fix in group.Fixes)
        {
            var firstRecord = _records.Count;
            foreach (var record in fix.Records)
            {
                _records.Add(new RecordEntry(
                    Text(record.FixedVersion), Text(record.Record), record.Published?.DayNumber ?? SnapshotFormat.NoDay, Text(record.Feed)));
            }
            _fixes.Add(new FixEntry(Text(fix.Vulnerability), Text(fix.FixedVersion), firstRecord, _records.Count));
        }
        _groups.Add(new SourceEntry(Text(group.Source), first, _fixes.Count));
    }

    private void AddVulnerability(Vulnerability v)
    {
        var parts = (v.Published is null ? 0 : CveParts.Published) | (v.Kev is null ? 0 : CveParts.Kev) | (v.Epss is null ? 0 : CveParts.Epss)
            | (v.Cvss is null ? 0 : CveParts.Cvss) | (v.Ssvc is null ? 0 : CveParts.Ssvc) | (v.Exploits.Count == 0 ? 0 : CveParts.Exploits)
            | (v.Cwe is null ? 0 : CveParts.Cwe) | (v.Description is null ? 0 : CveParts.Description);
        _cveBytes.Write([(byte)parts]);
        AddSignal(v.Published, day => Day(_cveBytes, day));
        AddSignal(v.Kev, AddKev);
        if (v.Epss is { Value: var epss })
        {
            Double(epss.Probability);
            Double(epss.Percentile);
        }
        AddSignal(v.Cvss, AddCvss);
        AddSignal(v.Ssvc, AddSsvc);
        AddExploits(v.Exploits);
        AddSignal(v.Cwe, cwe => Number(_cveBytes, Text(cwe)));
        if (v.Description is { } description)
        {
            var bytes = Encoding.UTF8.GetBytes(description);
            Number(_cveBytes, bytes.Length);
            _cveBytes.Write(bytes);
        }
    }

    private void AddSignal<T>(Signal<T>? signal, Action<T> add)
    {
        if (signal is null)
        {
            return;
        }
        Number(_cveBytes, Text(signal.Source));
        Day(_cveBytes, signal.Date);
        add(signal.Value);
    }

    private void AddKev(KevEntry entry)
    {
        Day(_cveBytes, entry.Added);
        Day(_cveBytes, entry.Due);
        Number(_cveBytes, entry.UsedByRansomware ? 1 : 0);
        Number(_cveBytes, Text(entry.Name));
    }

    private void AddCvss(CvssScore score)
    {
        Double(score.Score);
        OptionalText(_cveBytes, score.Vector);
        OptionalText(_cveBytes, score.Version);
    }

    private void AddSsvc(SsvcPoints points)
    {
        OptionalText(_cveBytes, points.Exploitation);
        Number(_cveBytes, points.IsAutomatable is { } automatable ? automatable ? 2 : 1 : 0);
        Number(_cveBytes, points.IsTotalImpact is { } total ? total ? 2 : 1 : 0);
    }

    private void AddExploits(IReadOnlyList<Signal<ExploitEvidence>> exploits)
    {
        if (exploits.Count == 0)
        {
            return;
        }
        Number(_cveBytes, exploits.Count);
        foreach (var exploit in exploits)
        {
            AddSignal(exploit, evidence =>
            {
                Number(_cveBytes, (int)evidence.Kind);
                Day(_cveBytes, evidence.FirstSeen);
                Number(_cveBytes, evidence.Count);
            });
        }
    }

    private int Text(string text)
    {
        if (!_strings.TryGetValue(text, out var id))
        {
            _strings.Add(text, id = _strings.Count);
            Encoding.UTF8.GetBytes(text, _stringBytes);
            _stringEnds.Add(_stringBytes.WrittenCount);
        }
        return id;
    }

    private void OptionalText(ArrayBufferWriter<byte> to, string? text) => Number(to, text is null ? 0 : Text(text) + 1);

    private static void Day(ArrayBufferWriter<byte> to, DateOnly? day) => Number(to, day is { } known ? known.DayNumber + 1 : 0);

    private static void Number(ArrayBufferWriter<byte> to, int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var rest = (uint)number;
        while (rest >= 0x80)
        {
            to.Write([(byte)((rest & 0x7f) | 0x80)]);
            rest >>= 7;
        }
        to.Write([(byte)rest]);
    }

    private void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_cveBytes.GetSpan(8), value);
        _cveBytes.Advance(8);
    }

    private static byte[] Bytes<T>(List<T> rows)
        where T : unmanaged => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(rows)).ToArray();

    private static int Padded(int length) => (length + 7) & ~7;
}
