using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Readers;
using Suture.Knowledge.Files;

namespace Suture.Fuzz;

/// <summary>What publishers of feeds deliver, and what a person imports.</summary>
internal static class FeedTargets
{
    private static readonly DateOnly Latest = new(2026, 11, 30);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Feed("debian-list", FeedFileKind.DebianList, "DSA_list.txt"),
    ];

    private static FuzzTarget Feed(string name, FeedFileKind kind, string file) => new(name, input => Read(kind, file, input));

    private static long Read(FeedFileKind kind, string file, byte[] input)
    {
        _ = FeedFileReader.Read(new FeedFile(kind, file, $"/{file}", default(FileFacts)), new MemoryStream(input, writable: false), Latest);
        return 0;
    }
}
