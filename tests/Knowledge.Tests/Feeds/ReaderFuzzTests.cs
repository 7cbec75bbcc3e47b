using System.Text;
using CsCheck;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Readers;
using static Suture.Knowledge.Tests.Feeds.GivenReaders;

namespace Suture.Knowledge.Tests.Feeds;

/// <summary>Whatever becomes of a good file on its way, a reader gives records or a fault: never both, never neither, never an exception.</summary>
public sealed class ReaderFuzzTests
{
    private const int Turns = 3_000;
    private const int TurnsOfArchives = 1_000;

    // What upsets parsers: values of another kind, text that is no Unicode, numbers beyond any type, dates beyond any catalogue, deep nesting.
    private static readonly string[] Tokens =
    [
        "\"5\"", "5", "-1", "1e999", "NaN", "99999999999999999999", "null", "true", "[]", "{}", "\"\"", "\"\\ud800\"", "\\udc00", "\"\\u0000\"",
        "9999-12-31", "0001-01-01", "2026-02-30", "\"", "\\", ",", "\n", "\r", "\t", " ", "[", "{", "}", "]", "<", "\0", "\uFEFF", "\u2028", "CVE-", "CVE-9999-999999999999",
        new string('[', 100), new string('9', 400), new string('a', 5_000),
    ];

    private static readonly Gen<Func<byte[], byte[]>> Mutation = Gen.OneOf(
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Byte, (at, value) => (Func<byte[], byte[]>)(bytes => Changed(bytes, at, value))),
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[0, 40], (at, count) => (Func<byte[], byte[]>)(bytes => Without(bytes, at, count))),
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[0, Tokens.Length - 1].Select(token => Tokens[token]), (at, token) => (Func<byte[], byte[]>)(bytes => With(bytes, at, token))),
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[0, Tokens.Length - 1].Select(token => Tokens[token]), (at, token) => (Func<byte[], byte[]>)(bytes => WithValue(bytes, at, token))),
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[0, 200], (at, count) => (Func<byte[], byte[]>)(bytes => Doubled(bytes, at, count))),
        Gen.Int[0, int.MaxValue - 1].Select(at => (Func<byte[], byte[]>)(bytes => bytes[..Place(bytes, at)])));

    private static readonly Gen<Func<byte[], byte[]>[]> Mutations = Mutation.Array[1, 4];

    [Theory]
    [MemberData(nameof(GivenReaders.Names), MemberType = typeof(GivenReaders))]
    public void Read_AnyMutatedText_GivesRecordsOrAFault(string reader)
    {
        var good = Encoding.UTF8.GetBytes(All[reader].Good);

        Mutations.Sample(mutations => AssertOne(All[reader].Read, Apply(good, mutations)), iter: Turns);
    }

    [Theory]
    [MemberData(nameof(GivenReaders.Names), MemberType = typeof(GivenReaders))]
    public void Read_AnyMutatedGzip_GivesRecordsOrAFault(string reader)
    {
        var good = Gzip(All[reader].Good);

        Mutations.Sample(mutations => AssertOne(All[reader].Read, Apply(good, mutations)), iter: TurnsOfArchives);
    }

    [Fact]
    public void Read_AnyMutatedRecordInAnArchive_GivesRecordsOrAFault() =>
        Mutations.Sample(
            mutations =>
            {
                var archive = Zip(("2026/CVE-2026-0001.json", CveRecord), ("2026/CVE-2026-0002.json", Encoding.UTF8.GetString(Apply(Encoding.UTF8.GetBytes(CveRecord), mutations))));
                AssertOne(ReadArchive, archive);
            },
            iter: TurnsOfArchives);

    [Fact]
    public void Read_AnyMutatedArchive_GivesRecordsOrAFault()
    {
        var good = Zip(("2026/CVE-2026-0001.json", CveRecord), ("2026/CVE-2026-0002.json", CveRecord.Replace("0001", "0002", StringComparison.Ordinal)));

        Mutations.Sample(mutations => AssertOne(ReadArchive, Apply(good, mutations)), iter: Turns);
    }

    [Fact]
    public void ReadFolder_AnyMutatedArchiveOfLists_GivesRecordsOrAProblem()
    {
        var good = Zip(("data/DSA/list", ListText), ("data/DLA/list", ListText.Replace("DSA", "DLA", StringComparison.Ordinal)));
        var folder = Directory.CreateTempSubdirectory("suture-fuzz-");
        try
        {
            Mutations.Sample(
                mutations =>
                {
                    File.WriteAllBytes(Path.Combine(folder.FullName, "debian-tracker.zip"), Apply(good, mutations));
                    var read = FeedFolder.Read(folder.FullName, Latest);
                    Assert.True(read.Contents.Count + read.Problems.Count > 0);
                },
                iter: TurnsOfArchives, threads: 1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (object? Content, FeedFault? Fault) ReadArchive(Stream stream)
    {
        var result = CveRecordReader.Read("cve.zip", stream, Latest);
        return (result.Content, result.Fault);
    }

    private static void AssertOne(Func<Stream, (object? Content, FeedFault? Fault)> read, byte[] bytes)
    {
        var (content, fault) = read(new MemoryStream(bytes));
        Assert.True(content is null != fault is null);
    }

    private static byte[] Apply(byte[] bytes, Func<byte[], byte[]>[] mutations) => mutations.Aggregate(bytes, (now, mutate) => mutate(now));

    private static int Place(byte[] bytes, int at) => at % (bytes.Length + 1);

    private static byte[] Changed(byte[] bytes, int at, byte value)
    {
        byte[] changed = [.. bytes];
        if (changed.Length > 0)
        {
            changed[at % changed.Length] = value;
        }
        return changed;
    }

    private static byte[] Without(byte[] bytes, int at, int count)
    {
        var start = Place(bytes, at);
        return [.. bytes[..start], .. bytes[Math.Min(start + count, bytes.Length)..]];
    }

    private static byte[] With(byte[] bytes, int at, string token)
    {
        var start = Place(bytes, at);
        return [.. bytes[..start], .. Encoding.UTF8.GetBytes(token), .. bytes[start..]];
    }

    private static byte[] Doubled(byte[] bytes, int at, int count)
    {
        var start = Place(bytes, at);
        var end = Math.Min(start + count, bytes.Length);
        return [.. bytes[..end], .. bytes[start..end], .. bytes[end..]];
    }

    // The value after some colon or comma, whatever its kind, becomes another.
    private static byte[] WithValue(byte[] bytes, int at, string token)
    {
        var start = Place(bytes, at);
        while (start < bytes.Length && bytes[start] is not ((byte)':' or (byte)',' or (byte)'['))
        {
            start++;
        }
        var end = Math.Min(start + 1, bytes.Length);
        while (end < bytes.Length && bytes[end] is not ((byte)',' or (byte)'}' or (byte)']' or (byte)'\n'))
        {
            end++;
        }
        return [.. bytes[..Math.Min(start + 1, bytes.Length)], .. Encoding.UTF8.GetBytes(token), .. bytes[end..]];
    }
}
