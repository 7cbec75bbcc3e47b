using System.Text;
using Suture.Knowledge.Feeds.Compiled;
using Suture.Knowledge.Intelligence;

namespace Suture.Knowledge.Feeds;

/// <content>Reads what is known of one CVE.</content>
public sealed unsafe partial class CompiledSnapshot
{
    private Vulnerability DecodeAt(int place, string id)
    {
        var decoded = Decode(id, Part(Section.CveBytes)[Rows<int>(Section.CveStarts)[place]..]);
        GC.KeepAlive(this);
        return decoded;
    }

    private Vulnerability Decode(string id, ReadOnlySpan<byte> bytes)
    {
        var reader = new SnapshotReader(bytes);
        var parts = (CveParts)reader.Byte();
        return new Vulnerability
        {
            Id = id,
            KevKnown = IsKevKnown,
            Published = parts.HasFlag(CveParts.Published) ? Published(ref reader) : null,
            Kev = parts.HasFlag(CveParts.Kev) ? Kev(ref reader) : null,
            Epss = parts.HasFlag(CveParts.Epss)
                ? Signal(new EpssScore(reader.Double(), reader.Double(), EpssModel ?? ""), FeedNames.FirstEpss, EpssDate)
                : null,
            Cvss = parts.HasFlag(CveParts.Cvss) ? Cvss(ref reader) : null,
            Ssvc = parts.HasFlag(CveParts.Ssvc) ? Ssvc(ref reader) : null,
            Exploits = parts.HasFlag(CveParts.Exploits) ? Exploits(ref reader) : [],
            Cwe = parts.HasFlag(CveParts.Cwe) ? Cwe(ref reader) : null,
            Description = parts.HasFlag(CveParts.Description) ? Encoding.UTF8.GetString(reader.Bytes(reader.Number())) : null,
        };
    }

    private Signal<DateOnly> Published(ref SnapshotReader reader)
    {
        var (source, date) = (Text(reader.Number()), reader.Day());
        return Signal(reader.Day()!.Value, source, date);
    }

    private Signal<KevEntry> Kev(ref SnapshotReader reader)
    {
        var (source, date) = (Text(reader.Number()), reader.Day());
        return Signal(new KevEntry(reader.Day()!.Value, reader.Day(), reader.Number() == 1, Text(reader.Number())), source, date);
    }

    private Signal<CvssScore> Cvss(ref SnapshotReader reader)
    {
        var (source, date) = (Text(reader.Number()), reader.Day());
        return Signal(new CvssScore(reader.Double(), OptionalText(reader.Number()), OptionalText(reader.Number())), source, date);
    }

    private Signal<SsvcPoints> Ssvc(ref SnapshotReader reader)
    {
        var (source, date) = (Text(reader.Number()), reader.Day());
        return Signal(new SsvcPoints(OptionalText(reader.Number()), YesNo(reader.Number()), YesNo(reader.Number())), source, date);
    }

    private Signal<ExploitEvidence>[] Exploits(ref SnapshotReader reader)
    {
        var exploits = new Signal<ExploitEvidence>[Count(reader.Number(), Part(Section.CveBytes).Length)];
        for (var index = 0; index < exploits.Length; index++)
        {
            var (source, date) = (Text(reader.Number()), reader.Day());
            exploits[index] = Signal(new ExploitEvidence((ExploitKind)reader.Number(), reader.Day(), reader.Number()), source, date);
        }
        return exploits;
    }

    private Signal<string> Cwe(ref SnapshotReader reader)
    {
        var (source, date) = (Text(reader.Number()), reader.Day());
        return Signal(Text(reader.Number()), source, date);
    }

    private Signal<T> Signal<T>(T value, string source, DateOnly? date) => new(value, source, date) { FeedDate = FeedDateOf(source) };

    private DateOnly? FeedDateOf(string source)
    {
        var end = source.IndexOf(':', StringComparison.Ordinal);
        var name = end < 0 ? source : source.AsSpan(0, end);
        foreach (var feed in Feeds)
        {
            if (name.SequenceEqual(feed.Feed))
            {
                return feed.ContentDate;
            }
        }
        return null;
    }

    private static bool? YesNo(int number) => number == 0 ? null : number == 2;
}
