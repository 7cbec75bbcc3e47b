using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>A fault found inside a reader; <see cref="FeedReading.Guard"/> turns it into a result, it never leaves this namespace.</summary>
internal sealed class FeedFaultException(int? line, string reason) : Exception(reason)
{
    public int? Line { get; } = line;
}

/// <summary>Lines left out of one file, counted, the first named.</summary>
internal sealed class SkippedLines
{
    private readonly List<SkippedLine> _named = [];

    public int Count { get; private set; }

    public IReadOnlyList<SkippedLine> Named => _named;

    public void Add(int line, string reason)
    {
        Count++;
        if (_named.Count < FeedLimits.SkippedLinesNamedMax)
        {
            _named.Add(new SkippedLine(line, reason));
        }
    }

    /// <summary>Refuses a file in which more than the stated part was not understood.</summary>
    /// <param name="linesRead">Lines or records looked at.</param>
    /// <param name="unit">What they are.</param>
    public void Check(int linesRead, string unit = "lines")
    {
        if (Count > FeedLimits.SkippedLinesFree + (linesRead / FeedLimits.SkippedLinesOneIn))
        {
            throw new FeedFaultException(_named[0].Line, string.Create(CultureInfo.InvariantCulture,
                $"{Count} of {linesRead} {unit} are not understood, the first one: {_named[0].Reason}"));
        }
    }
}

/// <summary>What all readers share: bounds, unpacking, text, and the one place where faults become results.</summary>
internal static class FeedReading
{
    /// <summary>Runs a reader and turns every fault of the input into a result.</summary>
    public static FeedResult<T> Guard<T>(string feed, string name, Func<SkippedLines, T> read)
        where T : class
    {
        var skipped = new SkippedLines();
        try
        {
            var content = read(skipped);
            return new FeedResult<T> { Content = content, SkippedCount = skipped.Count, Skipped = skipped.Named };
        }
        catch (FeedFaultException fault)
        {
            return Refused<T>(feed, name, fault.Line, fault.Message);
        }
        catch (JsonException fault)
        {
            int? line = fault.LineNumber is { } number and < int.MaxValue ? (int)number + 1 : null;
            return Refused<T>(feed, name, line, "it is not the JSON that was wanted, or it is cut off; fetch it again");
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            return Refused<T>(feed, name, null, "it is cut off or damaged; fetch it again");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Refused<T>(feed, name, null, $"it cannot be read ({fault.Message}); check the file and its permissions");
        }
    }

    private static FeedResult<T> Refused<T>(string feed, string name, int? line, string reason)
        where T : class => new() { Fault = new FeedFault(feed, name, line, reason) };

    /// <summary>Reads a file as text: unpacks gzip, keeps the bound, refuses what is empty, no text, or a web page.</summary>
    public static string ReadText(Stream content, int bytesMax)
    {
        using var packed = Read(content, bytesMax, "packed ");
        if (!packed.StartsWith([0x1f, 0x8b]))
        {
            return TextOf(packed);
        }
        using var unzip = new GZipStream(packed.Open(), CompressionMode.Decompress);
        using var bytes = Read(unzip, bytesMax, "");
        CheckTrailer(packed, bytes.Length);
        return TextOf(bytes);
    }

    /// <summary>Refuses text that has more bytes than its form may have, where a reader takes several forms.</summary>
    public static void NotLarger(string text, int bytesMax)
    {
        if (Encoding.UTF8.GetByteCount(text) > bytesMax)
        {
            throw TooLarge(bytesMax, "");
        }
    }

    private static PooledBytes Read(Stream content, int bytesMax, string form)
    {
        var bytes = new PooledBytes();
        try
        {
            while (bytes.Fill(content))
            {
                if (bytes.Length > bytesMax)
                {
                    throw TooLarge(bytesMax, form);
                }
            }
            return bytes.Length > 0 ? bytes : throw new FeedFaultException(null, "it is empty; fetch it again");
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private static string TextOf(PooledBytes bytes)
    {
        RefuseWrongType(bytes.Head);
        return bytes.ToText(out var faultLine) ?? throw new FeedFaultException(faultLine, "it holds bytes that are no UTF-8 text; fetch it again");
    }

    private static FeedFaultException TooLarge(int bytesMax, string form) => new(null, string.Create(CultureInfo.InvariantCulture,
        $"it is larger than {bytesMax} {form}bytes, the most that is read of this feed; check what was delivered"));

    // The framework's reader ends quietly where a gzip file is cut off at a block's border; the trailer holds the true length.
    private static void CheckTrailer(PooledBytes packed, int length)
    {
        if (packed.Length < 18 || packed.LastNumber() != (uint)length)
        {
            throw new FeedFaultException(null, "the gzip file is cut off, or has several members: its trailer does not state the length of its content; fetch it again");
        }
    }

    private static void RefuseWrongType(ReadOnlySpan<byte> bytes)
    {
        var head = bytes[..Math.Min(bytes.Length, 512)];
        if (head.IndexOf((byte)0) >= 0)
        {
            throw new FeedFaultException(1, "it is not text; check what was delivered");
        }
        var first = head.TrimStart(" \t\r\n"u8);
        if (first.Length == 0)
        {
            throw new FeedFaultException(null, "it is empty; fetch it again");
        }
        if (first[0] == (byte)'<')
        {
            throw new FeedFaultException(1, "it is a web page, not a feed; check the address it was fetched from");
        }
    }

    /// <summary>A date as <c>2025-02-13</c>, or the date part of an instant.</summary>
    public static DateOnly? Date(ReadOnlySpan<char> text) =>
        text.Length >= 10 && DateOnly.TryParseExact(text[..10], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : null;

    /// <summary>A date of the content; one beyond <paramref name="latest"/> is a fault, since every true content after it would seem to go back in time.</summary>
    public static DateOnly NotLater(DateOnly date, DateOnly latest, int? line, string what) => date <= latest
        ? date
        : throw new FeedFaultException(line, string.Create(CultureInfo.InvariantCulture,
            $"{what} is {date:yyyy-MM-dd}, which lies in the future (the latest taken is {latest:yyyy-MM-dd}); check what was delivered, and this machine's clock"));

    /// <summary>The first date that stands in a file name, refused when it lies in the future.</summary>
    public static DateOnly? DateInName(string name, DateOnly latest) => DateInName(name) is { } day ? NotLater(day, latest, null, "the date in its name") : null;

    /// <summary>The first date that stands in a file name, <c>epss-full-2026-08-16.csv.gz</c>.</summary>
    public static DateOnly? DateInName(string name)
    {
        var file = Path.GetFileName(name.AsSpan());
        for (var at = 0; at + 10 <= file.Length; at++)
        {
            if (char.IsAsciiDigit(file[at]) && Date(file.Slice(at, 10)) is { } date)
            {
                return date;
            }
        }
        return null;
    }
}
