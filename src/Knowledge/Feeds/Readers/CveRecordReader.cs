using System.IO.Compression;
using System.Text.Json;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Reads CVE records (CVE JSON 5), one a file or many in a zip archive, with the container of CISA's ADP.</summary>
/// <remarks>Source: CVE record format 5.1. Taken are the date, the newest CVSS of the CNA or an ADP, CISA's SSVC, the CWE and the English description.</remarks>
public static class CveRecordReader
{
    private const int JsonDepthMax = 64;

    /// <summary>Reads an archive of records, or one record.</summary>
    /// <param name="name">File name.</param>
    /// <param name="content">The bytes; for an archive a stream that can seek.</param>
    /// <param name="latest">The last day that a date may name, <see cref="FeedLimits.LatestDay"/>.</param>
    /// <returns>The facts, or the fault. Records in state <c>REJECTED</c> are left out; a record in an archive that cannot be read is skipped and counted.
    /// A score out of 0 to 10 refuses the file, as it does in the tables.</returns>
    public static FeedResult<CveContent> Read(string name, Stream content, DateOnly latest) => FeedReading.Guard(FeedNames.CveRecords, name, skipped =>
    {
        var read = new CveRecords(latest);
        if (name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
        {
            ReadArchive(content, read, skipped);
        }
        else
        {
            if (read.Add(FeedReading.ReadText(content, FeedLimits.CveRecordBytesMax)) is { } reason)
            {
                throw new FeedFaultException(null, reason);
            }
        }
        return read.Finish();
    });

    /// <summary>Puts single records together as one content.</summary>
    /// <param name="contents">Contents of <see cref="Read"/>, in any order; of two records of one CVE the later one holds.</param>
    /// <returns>One content.</returns>
    public static CveContent Merge(IReadOnlyCollection<CveContent> contents)
    {
        var byId = new Dictionary<string, CveFacts>(StringComparer.Ordinal);
        foreach (var content in contents.OrderBy(c => c.ContentDate))
        {
            foreach (var facts in content.Cves)
            {
                byId[facts.Id] = facts;
            }
        }
        return new CveContent { Feed = FeedNames.CveRecords, Cves = [.. byId.Values], ContentDate = contents.Max(c => c.ContentDate) };
    }

    private static void ReadArchive(Stream content, CveRecords read, SkippedLines skipped)
    {
        if (content.Length > FeedLimits.CveArchiveBytesMax)
        {
            throw new FeedFaultException(null, $"it is larger than {FeedLimits.CveArchiveBytesMax} bytes, the most that is read of this feed");
        }
        using var archive = new ZipArchive(content, ZipArchiveMode.Read, leaveOpen: true);
        if (archive.Entries.Count > FeedLimits.CveRecordsMax)
        {
            throw new FeedFaultException(null, $"it holds more than {FeedLimits.CveRecordsMax} files; check what was delivered");
        }
        var number = 0;
        foreach (var entry in archive.Entries)
        {
            number++;
            if (!IsRecordName(entry.FullName))
            {
                continue;
            }
            if (ReadEntry(entry, read) is { } reason)
            {
                skipped.Add(number, $"{entry.FullName}: {reason}");
            }
        }
        skipped.Check(number, "files");
    }

    // What is no record is left out and told; what is one, with a value that none can have, refuses the archive under the entry's name.
    private static string? ReadEntry(ZipArchiveEntry entry, CveRecords read)
    {
        var (text, reason) = ReadText(entry);
        if (text is null)
        {
            return reason;
        }
        try
        {
            return read.Add(text);
        }
        catch (JsonException)
        {
            return "it is not JSON, is cut off, or holds text that is no Unicode";
        }
        catch (FeedFaultException fault)
        {
            throw new FeedFaultException(fault.Line, $"{entry.FullName}: {fault.Message}");
        }
    }

    private static (string? Text, string? Reason) ReadText(ZipArchiveEntry entry)
    {
        try
        {
            using var stream = entry.Open();
            return (FeedReading.ReadText(stream, FeedLimits.CveRecordBytesMax), null);
        }
        catch (FeedFaultException fault)
        {
            return (null, fault.Message);
        }
        catch (InvalidDataException)
        {
            return (null, "it is cut off or damaged");
        }
    }

    /// <summary>True for <c>2024/3xxx/CVE-2024-3094.json</c>.</summary>
    internal static bool IsRecordName(ReadOnlySpan<char> path)
    {
        var file = Path.GetFileName(path);
        return file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && FeedWords.IsCve(file[..^5]);
    }

    private sealed class CveRecords(DateOnly latest)
    {
        private readonly Dictionary<string, CveFacts> _facts = new(StringComparer.Ordinal);
        private DateOnly? _newest;
        private long _characters;

        /// <summary>Takes a record in; gives the reason when it is none.</summary>
        public string? Add(string text)
        {
            if ((_characters += text.Length) > FeedLimits.CveArchiveUnpackedBytesMax)
            {
                throw new FeedFaultException(null, $"the records up to here unpack to more than {FeedLimits.CveArchiveUnpackedBytesMax} bytes; check what was delivered");
            }
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = JsonDepthMax });
            var root = document.RootElement;
            if (FeedJson.Object(root, "cveMetadata") is not { } metadata || FeedJson.Text(metadata, "cveId") is not { } id || !FeedWords.IsCve(id)
                || FeedJson.Object(root, "containers") is not { } containers || FeedJson.Object(containers, "cna") is not { } cna)
            {
                return "it is no CVE record with cveMetadata.cveId and containers.cna";
            }
            DateOnly? updated = FeedReading.Date(FeedJson.Text(metadata, "dateUpdated")) is { } day ? FeedReading.NotLater(day, latest, null, $"dateUpdated of {id}") : null;
            _newest = updated > _newest || _newest is null ? updated ?? _newest : _newest;
            if (FeedJson.Text(metadata, "state") == "PUBLISHED")
            {
                _facts[id] = Facts(id, metadata, [cna, .. FeedJson.Array(containers, "adp")], updated);
            }
            return null;
        }

        public CveContent Finish() => _facts.Count > 0
            ? new CveContent { Feed = FeedNames.CveRecords, Cves = [.. _facts.Values], ContentDate = _newest }
            : throw new FeedFaultException(null, "it holds no published CVE record; wanted are files like CVE-2024-3094.json");
    }

    private static CveFacts Facts(string id, JsonElement metadata, IReadOnlyList<JsonElement> containers, DateOnly? updated) => new()
    {
        Id = id,
        Published = FeedReading.Date(FeedJson.Text(metadata, "datePublished")) is { } day ? new Signal<DateOnly>(day, FeedNames.CveRecords, updated) : null,
        Cvss = containers.Select(Cvss).Where(c => c is not null)
            .OrderByDescending(c => c!.Value.Version, StringComparer.Ordinal).FirstOrDefault(),
        Ssvc = containers.Where(c => Publisher(c) == "CISA-ADP").Select(Ssvc).Where(s => s is not null)
            .OrderByDescending(s => s!.Date).FirstOrDefault(),
        Cwe = containers.Select(Cwe).FirstOrDefault(c => c is not null),
        Description = containers.Select(Description).FirstOrDefault(d => d is not null),
    };

    private static string? Publisher(JsonElement container) =>
        FeedJson.Object(container, "providerMetadata") is { } provider ? FeedJson.Text(provider, "shortName") : null;

    private static DateOnly? Updated(JsonElement container) =>
        FeedJson.Object(container, "providerMetadata") is { } provider ? FeedReading.Date(FeedJson.Text(provider, "dateUpdated")) : null;

    private static string Source(JsonElement container) => Publisher(container) is { Length: > 0 and <= 64 } publisher
        ? $"{FeedNames.CveRecords}: {publisher}"
        : FeedNames.CveRecords;

    private static Signal<CvssScore>? Cvss(JsonElement container)
    {
        CvssScore? best = null;
        foreach (var metric in FeedJson.Array(container, "metrics"))
        {
            foreach (var (member, version) in CvssVersions)
            {
                if (FeedJson.Object(metric, member) is { } cvss && CveValues.Score(FeedJson.Member(cvss, "baseScore")) is { } score
                    && (best is null || string.CompareOrdinal(version, best.Version) > 0))
                {
                    best = new CvssScore(score, CveValues.Vector(FeedJson.Text(cvss, "vectorString")), version);
                }
            }
        }
        return best is null ? null : new Signal<CvssScore>(best, Source(container), Updated(container));
    }

    private static readonly (string Member, string Version)[] CvssVersions =
        [("cvssV4_0", "4.0"), ("cvssV3_1", "3.1"), ("cvssV3_0", "3.0"), ("cvssV2_0", "2.0")];

    private static Signal<SsvcPoints>? Ssvc(JsonElement container)
    {
        foreach (var metric in FeedJson.Array(container, "metrics"))
        {
            if (FeedJson.Object(metric, "other") is not { } other || FeedJson.Text(other, "type") != "ssvc"
                || FeedJson.Object(other, "content") is not { } content)
            {
                continue;
            }
            string? exploitation = null, automatable = null, impact = null;
            foreach (var option in FeedJson.Array(content, "options"))
            {
                exploitation ??= FeedJson.Text(option, "Exploitation");
                automatable ??= FeedJson.Text(option, "Automatable");
                impact ??= FeedJson.Text(option, "Technical Impact");
            }
            if (CveValues.Ssvc(exploitation, automatable, impact) is { } points)
            {
                return new Signal<SsvcPoints>(points, Source(container), FeedReading.Date(FeedJson.Text(content, "timestamp")) ?? Updated(container));
            }
        }
        return null;
    }

    private static Signal<string>? Cwe(JsonElement container)
    {
        foreach (var type in FeedJson.Array(container, "problemTypes"))
        {
            foreach (var description in FeedJson.Array(type, "descriptions"))
            {
                if (CveValues.Cwe(FeedJson.Text(description, "cweId")) is { } cwe)
                {
                    return new Signal<string>(cwe, Source(container), Updated(container));
                }
            }
        }
        return null;
    }

    private static string? Description(JsonElement container)
    {
        foreach (var description in FeedJson.Array(container, "descriptions"))
        {
            if (FeedJson.Text(description, "lang") is { } language && language.StartsWith("en", StringComparison.OrdinalIgnoreCase))
            {
                return CveValues.Description(FeedJson.Text(description, "value"));
            }
        }
        return null;
    }
}
