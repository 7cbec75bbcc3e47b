using System.Globalization;

namespace Suture.Knowledge.Feeds.Readers;

/// <summary>Reads <c>data/DSA/list</c> and <c>data/DLA/list</c> of Debian's security tracker.</summary>
/// <remarks>
/// Grammar, as the tracker's own parser and its twenty years of history have it. An advisory starts at the line's first column; what it says is indented
/// by a tab or by blanks:
/// <code>
/// [12 Feb 2025] DSA-5865-1 webkit2gtk - security update
///         {CVE-2025-24143 CVE-2025-24150}
///         [bookworm] - webkit2gtk 2.46.6-1~deb12u1
///         [woody] - mantis &lt;not-affected&gt; (Vulnerable code not present)
///         NOTE: free text
/// </code>
/// A note in parentheses may follow a version. Early advisories have no serial (<c>DSA-135</c>), several sources, or no title.
/// </remarks>
public static class DebianListReader
{
    /// <summary>Reads one list.</summary>
    /// <param name="name">File name; a date in it (<c>DSA_list_2025-02-13.txt</c>) is the day of the list.</param>
    /// <param name="content">The bytes, plain or gzip.</param>
    /// <param name="latest">The last day that a date may name, <see cref="FeedLimits.LatestDay"/>.</param>
    /// <returns>The advisories of the list's own kind, or the fault. An unknown line is skipped and counted; many of them refuse the list.</returns>
    public static FeedResult<AdvisoryList> Read(string name, Stream content, DateOnly latest)
    {
        var feed = FeedFiles.FeedOfList(name);
        return FeedReading.Guard(feed, name, skipped =>
        {
            var text = FeedReading.ReadText(content, feed == FeedNames.DebianDla ? FeedLimits.DlaListBytesMax : FeedLimits.DsaListBytesMax);
            var parser = new Parser(feed, latest, skipped);
            var line = 0;
            foreach (var range in text.AsSpan().Split('\n'))
            {
                parser.Take(text.AsSpan()[range].TrimEnd('\r'), ++line);
            }
            return parser.Finish(line, FeedReading.DateInName(name, latest));
        });
    }

    private sealed class Parser(string feed, DateOnly latest, SkippedLines skipped)
    {
        private readonly List<Advisory> _done = [];
        private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
        private readonly List<string> _vulnerabilities = [];
        private readonly List<AdvisoryFix> _fixes = [];
        private string? _id;
        private DateOnly _published;

        public void Take(ReadOnlySpan<char> line, int number)
        {
            if (line.IsWhiteSpace())
            {
                return;
            }
            if (line[0] is not ('\t' or ' '))
            {
                Close();
                if (!Open(line, number))
                {
                    _id = null;
                }
                return;
            }
            var reason = _id is null ? "it belongs to no advisory" : Body(line.Trim());
            if (reason is not null)
            {
                skipped.Add(number, reason);
            }
        }

        public AdvisoryList Finish(int lines, DateOnly? day)
        {
            Close();
            skipped.Check(lines);
            if (_done.Count == 0)
            {
                throw new FeedFaultException(null, "it holds no advisory; wanted are lines like '[12 Feb 2025] DSA-5865-1 webkit2gtk - security update'");
            }
            AdvisoryMerge.RefuseTooMany(_done);
            var asOf = day ?? _done.Max(advisory => advisory.Published);
            return new AdvisoryList(asOf, IsPrepared: false, [.. _done.Select(advisory => advisory with { AsOf = asOf })]);
        }

        private bool Open(ReadOnlySpan<char> line, int number)
        {
            var close = line.IndexOf(']');
            if (line[0] != '[' || close < 0
                || !DateOnly.TryParseExact(line[1..close], "dd MMM yyyy", CultureInfo.InvariantCulture, DateTimeStyles.None, out _published))
            {
                skipped.Add(number, $"'{FeedWords.Shorten(line)}' does not start with a date like [12 Feb 2025]");
                return false;
            }
            var rest = line[(close + 1)..].TrimStart();
            var blank = rest.IndexOf(' ');
            var id = blank < 0 ? rest : rest[..blank];
            if (!FeedWords.IsAdvisory(id))
            {
                skipped.Add(number, $"'{FeedWords.Shorten(id)}' is no advisory id like DSA-5865-1");
                return false;
            }
            if (FeedNames.OfAdvisory(id) != feed)
            {
                skipped.Add(number, $"{id} does not belong into the list of {feed}");
                return false;
            }
            FeedReading.NotLater(_published, latest, number, $"the date of {id}");
            _id = id.ToString();
            if (_ids.Add(_id))
            {
                return true;
            }
            skipped.Add(number, $"{_id} stands in the list already; the first, newer one is kept");
            return false;
        }

        private string? Body(ReadOnlySpan<char> text) => text[0] switch
        {
            '{' => Vulnerabilities(text),
            '[' => Fix(text),
            _ when text.StartsWith("NOTE:", StringComparison.Ordinal) || text.StartsWith("TODO:", StringComparison.Ordinal) => null,
            _ => $"'{FeedWords.Shorten(text)}' is neither {{CVE ...}} nor [release] - source version nor NOTE:",
        };

        private string? Vulnerabilities(ReadOnlySpan<char> text)
        {
            if (text[^1] != '}')
            {
                return $"'{FeedWords.Shorten(text)}' is not closed by }}";
            }
            string? reason = null;
            foreach (var range in text[1..^1].Split(' '))
            {
                var word = text[1..^1][range].Trim();
                if (word.Length == 0)
                {
                    continue;
                }
                if (FeedWords.IsCve(word))
                {
                    AddOnce(word.ToString());
                }
                else
                {
                    reason = $"'{FeedWords.Shorten(word)}' is no CVE id";
                }
            }
            return reason;
        }

        private void AddOnce(string vulnerability)
        {
            if (_vulnerabilities.Count >= FeedLimits.VulnerabilitiesPerAdvisoryMax)
            {
                throw new FeedFaultException(null, $"{_id} names more than {FeedLimits.VulnerabilitiesPerAdvisoryMax} CVEs; check what was delivered");
            }
            if (!_vulnerabilities.Contains(vulnerability))
            {
                _vulnerabilities.Add(vulnerability);
            }
        }

        private string? Fix(ReadOnlySpan<char> text)
        {
            var close = text.IndexOf(']');
            if (close < 0 || !FeedWords.IsName(text[1..close]))
            {
                return $"'{FeedWords.Shorten(text)}' names no release in [ ]";
            }
            var rest = text[(close + 1)..].TrimStart();
            if (rest is not ['-', ' ', ..])
            {
                return $"'{FeedWords.Shorten(text)}' has no '- ' after the release";
            }
            rest = rest[2..].TrimStart();
            var source = Word(ref rest);
            var value = Word(ref rest);
            if (!FeedWords.IsName(source))
            {
                return $"'{FeedWords.Shorten(source)}' is no source package";
            }
            var isStatement = value is ['<', .., '>'];
            if (!isStatement && !FeedWords.IsVersion(value))
            {
                return $"'{FeedWords.Shorten(value)}' is no version";
            }
            if (_fixes.Count >= FeedLimits.FixesPerAdvisoryMax)
            {
                return $"{_id} names more than {FeedLimits.FixesPerAdvisoryMax} fixed versions";
            }
            _fixes.Add(new AdvisoryFix(string.Intern(text[1..close].ToString()), FeedWords.Again(source, _fixes.Count > 0 ? _fixes[^1].Source : null),
                isStatement ? null : value.ToString(), isStatement ? value[1..^1].ToString() : null));
            return null;
        }

        private static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> text)
        {
            var end = text.IndexOfAny(' ', '\t');
            var word = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[end..].TrimStart();
            return word;
        }

        private void Close()
        {
            if (_id is not null)
            {
                if (_done.Count >= FeedLimits.AdvisoriesMax)
                {
                    throw new FeedFaultException(null, $"it holds more than {FeedLimits.AdvisoriesMax} advisories; check what was delivered");
                }
                _done.Add(new Advisory(_id, _published, _published, [.. _vulnerabilities], [.. _fixes]));
            }
            _vulnerabilities.Clear();
            _fixes.Clear();
            _id = null;
        }
    }
}
