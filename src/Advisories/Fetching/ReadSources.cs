using System.Globalization;
using Suture.Advisories.Archive;
using Suture.Knowledge.Feeds;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Suture.Advisories.Fetching;

/// <summary>Where feeds are fetched from.</summary>
/// <param name="Sources">Addresses, at most one a part of a feed; empty to fetch none.</param>
/// <param name="Archive">The distribution's security archive, without <c>dists</c>, ending with a slash.</param>
public sealed record FeedAddresses(IReadOnlyList<FeedSource> Sources, Uri Archive)
{
    /// <summary>The publishers' own.</summary>
    public static FeedAddresses Public { get; } = new(FeedOptions.PublicSources, ArchiveOptions.PublicArchive);
}

/// <summary>A fault in the file of sources.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Reason">The value seen, the value wanted, the next step.</param>
public sealed record SourceFault(int Line, string Reason);

/// <summary>The file of sources cannot be used; the message names every fault with its line.</summary>
/// <param name="path">The file.</param>
/// <param name="faults">At least one.</param>
public sealed class FeedSourcesException(string path, IReadOnlyList<SourceFault> faults)
    : InvalidOperationException($"The feed sources in {path} have {faults.Count} {(faults.Count == 1 ? "fault" : "faults")}:"
        + string.Concat(faults.Select(fault => string.Create(CultureInfo.InvariantCulture, $"\n  line {fault.Line}: {fault.Reason}"))));

/// <summary>Reads the file that says where feeds are fetched from, <c>feeds.yaml</c>, and reports all faults at once. Its form is shown in <c>docs/feeds.yaml</c>.</summary>
public sealed class ReadSources
{
    /// <summary>Name of the file in the server's data folder.</summary>
    public const string DefaultName = "feeds.yaml";

    private const int BytesMax = 64 * 1024;
    private const int SourcesMax = 50;
    private const string Names = "feed, url, file, every";

    private readonly List<SourceFault> _faults = [];
    private readonly List<FeedSource> _sources = [];
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private Uri? _archive;
    private readonly Parser _parser;

    private ReadSources(string yaml) => _parser = new Parser(new StringReader(yaml));

    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The sources in the order of the file, and the archive; what it does not name is the publisher's own.</returns>
    /// <exception cref="FeedSourcesException">It has faults, or is not there.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FeedAddresses FromFile(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > BytesMax)
        {
            throw new FeedSourcesException(path, [new SourceFault(1, file.Exists ? $"the file has {file.Length} bytes; wanted are at most {BytesMax}" : "there is no such file; check --feed-sources")]);
        }
        var (addresses, faults) = From(File.ReadAllText(path));
        return faults.Count == 0 ? addresses : throw new FeedSourcesException(path, faults);
    }

    /// <summary>Reads the text.</summary>
    /// <param name="yaml">The text.</param>
    /// <returns>The addresses, and the faults in the order of lines; the addresses hold only where there is no fault.</returns>
    internal static (FeedAddresses Addresses, IReadOnlyList<SourceFault> Faults) From(string yaml)
    {
        var reader = new ReadSources(yaml);
        try
        {
            reader.Document();
        }
        // The library lets other exceptions than its own out for some texts that are no YAML.
        catch (Exception fault) when (fault is YamlException or InvalidOperationException or ArgumentException or OverflowException or IndexOutOfRangeException or EndOfStreamException)
        {
            reader.Fault(reader._parser.Current?.End.Line ?? 1, "it is not YAML here; mend it: a quote, bracket or colon does not fit");
        }
        var sources = reader._named.Contains("sources") ? reader._sources : FeedOptions.PublicSources;
        return (new FeedAddresses(sources, reader._archive ?? ArchiveOptions.PublicArchive), [.. reader._faults.OrderBy(fault => fault.Line)]);
    }

    private void Document()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _) || !_parser.TryConsume<MappingStart>(out _))
        {
            Fault(1, "wanted is 'sources:' with a list below it, each beginning with '- feed:', or 'archive:' with an address");
            return;
        }
        while (_parser.TryConsume<Scalar>(out var name))
        {
            switch (_named.Add(name.Value) ? name.Value : null)
            {
                case "sources":
                    List();
                    break;
                case "archive":
                    Archive();
                    break;
                default:
                    Fault(name.Start.Line, $"'{Short(name.Value)}' is not a member here, or stands twice; known are sources and archive");
                    _parser.SkipThisAndNestedEvents();
                    break;
            }
        }
        _parser.Consume<MappingEnd>();
        if (_named.Count == 0)
        {
            Fault(1, "neither 'sources' nor 'archive' is there; write 'sources: []' to fetch no feed");
        }
    }

    private void Archive()
    {
        var line = Line();
        var text = _parser.TryConsume<Scalar>(out var value) ? value.Value : null;
        if (text is null)
        {
            _parser.SkipThisAndNestedEvents();
        }
        _archive = Address("archive", text ?? "", line, "without dists") is { } address ? new Uri(address.ToString().TrimEnd('/') + "/") : null;
    }

    private void List()
    {
        if (!_parser.TryConsume<SequenceStart>(out _))
        {
            Fault(Line(), "'sources' is no list; wanted are lines beginning with '- feed:', or [] to fetch nothing");
            _parser.SkipThisAndNestedEvents();
            return;
        }
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            Source();
        }
        if (_sources.Count > SourcesMax)
        {
            Fault(1, $"it names {_sources.Count} sources; wanted are at most {SourcesMax}");
        }
    }

    private void Source()
    {
        var (line, before) = (Line(), _faults.Count);
        if (!_parser.TryConsume<MappingStart>(out _))
        {
            Fault(line, $"a source is a mapping with {Names}");
            _parser.SkipThisAndNestedEvents();
            return;
        }
        var values = new Dictionary<string, (long Line, string Text)>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Member(values);
        }
        var feed = Feed(values, line);
        var url = Url(values, line);
        var every = Every(values);
        if (feed is not null && url is not null && FileName(values, feed, url, line) is { } file && _faults.Count == before)
        {
            Add(new FeedSource { Feed = feed, Url = url, FileName = file, Every = every }, line);
        }
    }

    private void Member(Dictionary<string, (long Line, string Text)> values)
    {
        var line = Line();
        var name = _parser.TryConsume<Scalar>(out var key) ? key.Value : null;
        if (name is null)
        {
            _parser.SkipThisAndNestedEvents();
        }
        var text = _parser.TryConsume<Scalar>(out var value) ? value.Value : null;
        if (text is null)
        {
            _parser.SkipThisAndNestedEvents();
        }
        if (name is not ("feed" or "url" or "file" or "every"))
        {
            Fault(line, $"'{Short(name ?? "")}' is not a member of a source; known are {Names}");
        }
        else if (text is null)
        {
            Fault(line, $"'{name}' has no plain value; write one behind the colon");
        }
        else if (!values.TryAdd(name, (line, text)))
        {
            Fault(line, $"'{name}' stands twice; remove one");
        }
    }

    private string? Feed(Dictionary<string, (long Line, string Text)> values, long line)
    {
        if (!values.TryGetValue("feed", out var feed))
        {
            Fault(line, "'feed' is missing; add it");
            return null;
        }
        if (FeedNames.All.Contains(feed.Text))
        {
            return feed.Text;
        }
        Fault(feed.Line, $"feed is '{Short(feed.Text)}'; wanted is one of {string.Join(", ", FeedNames.All.Order(StringComparer.Ordinal))}");
        return null;
    }

    private Uri? Url(Dictionary<string, (long Line, string Text)> values, long line)
    {
        if (!values.TryGetValue("url", out var url))
        {
            Fault(line, "'url' is missing; add it");
            return null;
        }
        return Address("url", url.Text, url.Line, "without a user name in it");
    }

    private Uri? Address(string member, string text, long line, string form)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0)
        {
            return address;
        }
        Fault(line, $"{member} is '{Short(text)}'; wanted is https://HOST/PATH {form}");
        return null;
    }

    // The reader knows a file by its name: the one that is given, else the last part of the address, else the usual one of the feed.
    private string? FileName(Dictionary<string, (long Line, string Text)> values, string feed, Uri url, long line)
    {
        if (values.TryGetValue("file", out var file))
        {
            if (!file.Text.Contains('/', StringComparison.Ordinal) && Delivers(file.Text, feed))
            {
                return file.Text;
            }
            Fault(file.Line, $"file is '{Short(file.Text)}', which is no name of a file of {feed}; wanted is the name by which it is read, one of: {FeedFiles.Names}");
            return null;
        }
        var last = Uri.UnescapeDataString(url.Segments[^1]);
        if (!last.Contains('/', StringComparison.Ordinal) && Delivers(last, feed))
        {
            return last;
        }
        if (FeedOptions.PublicSources.FirstOrDefault(source => source.Feed == feed)?.FileName is { } usual)
        {
            return usual;
        }
        Fault(line, $"'file' is missing, and the address does not tell which file of {feed} it is; add it, one of: {FeedFiles.Names}");
        return null;
    }

    private static bool Delivers(string file, string feed) => FeedFiles.KindOf(file) is { } kind && FeedFiles.FeedsOf(kind, file).Contains(feed);

    private TimeSpan Every(Dictionary<string, (long Line, string Text)> values)
    {
        if (!values.TryGetValue("every", out var every))
        {
            return FeedSource.EveryDefault;
        }
        if (every.Text.Length is > 1 and <= 6 && int.TryParse(every.Text.AsSpan(0, every.Text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && (every.Text[^1] switch { 'm' => 1, 'h' => 60, 'd' => 24 * 60, _ => 0 }) is > 0 and var minutes
            && TimeSpan.FromMinutes((long)number * minutes) is var time && time >= FeedSource.EveryMin && time <= FeedSource.EveryMax)
        {
            return time;
        }
        Fault(every.Line, $"every is '{Short(every.Text)}'; wanted is a time such as 15m, 6h or 1d, from 5m to 7d");
        return FeedSource.EveryDefault;
    }

    private void Add(FeedSource source, long line)
    {
        if (_sources.Exists(other => (other.Feed, other.Part) == (source.Feed, source.Part)))
        {
            Fault(line, $"another source delivers the same part of {source.Feed} ({source.FileName}); remove one, or give its 'file' another kind");
            return;
        }
        _sources.Add(source);
    }

    private long Line() => _parser.Current is null && !_parser.MoveNext() ? 1 : _parser.Current!.Start.Line;

    private void Fault(long line, string reason) => _faults.Add(new SourceFault((int)Math.Clamp(line, 1, int.MaxValue), reason));

    private static string Short(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
