using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Suture.Knowledge.Feeds.Readers;
using Suture.Knowledge.Files;

namespace Suture.Knowledge.Feeds.Keeping;

/// <summary>The folder of one feed: the files last accepted and the compiled content, all named by their digests, and <c>feed.json</c> that says which of them hold.</summary>
/// <remarks>Only <c>feed.json</c> ever changes, in one step; so a crash leaves the old or the new state. What it does not name is removed.</remarks>
internal sealed class KeptFeed(string directory, string feed)
{
    /// <summary>Name of the file that says what holds.</summary>
    public const string StateName = "feed.json";

    private const int StateBytesMax = 1024 * 1024;
    private const string RecordsName = "cve-records.zip";

    private readonly string _folder = Path.Combine(directory, feed);

    /// <summary>What is kept. A state that cannot be read is none: then the feed must come anew.</summary>
    /// <returns>The state; the fault when there is one that cannot be read.</returns>
    public (KeptState State, FeedFault? Fault) Read()
    {
        var path = Path.Combine(_folder, StateName);
        if (!File.Exists(path))
        {
            return (new KeptState(), null);
        }
        try
        {
            if (new FileInfo(path).Length <= StateBytesMax && JsonSerializer.Deserialize(File.ReadAllBytes(path), KeptJson.Default.KeptState) is { Schema: 1 } state)
            {
                return (state, null);
            }
        }
        catch (JsonException)
        {
            // Told below, as any other state that is not ours.
        }
        return (new KeptState(), Lost("what is kept of it is damaged"));
    }

    /// <summary>Writes the state, and removes what it does not name.</summary>
    public void Write(KeptState state)
    {
        Directory.CreateDirectory(_folder);
        WriteWhole(Path.Combine(_folder, StateName), JsonSerializer.SerializeToUtf8Bytes(state, KeptJson.Default.KeptState));
        var named = state.Parts.Select(part => part.Digest).Append(StateName).Append(state.Content + CompiledSnapshot.FileEnding).ToHashSet(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(_folder).Where(path => !named.Contains(Path.GetFileName(path))))
        {
            File.Delete(path);
        }
    }

    /// <summary>Opens the compiled content; makes it anew from the kept files where it is missing, damaged or of another version.</summary>
    /// <returns>The content, or why there is none any more.</returns>
    public FeedResult<CompiledSnapshot> Open(KeptState state)
    {
        if (CompiledSnapshot.Open(PathOf(state.Content + CompiledSnapshot.FileEnding)).Content is { } compiled)
        {
            return new FeedResult<CompiledSnapshot> { Content = compiled };
        }
        var (contents, faults) = ReadParts(state.Parts);
        if (faults.Count > 0 || contents.Count == 0)
        {
            return new FeedResult<CompiledSnapshot> { Fault = faults.Count > 0 ? faults[0] : Lost("what is kept of it is damaged") };
        }
        var content = FeedPart.Combine(contents);
        Write(WithContent(state, content));
        return new FeedResult<CompiledSnapshot> { Content = FeedSnapshotBuilder.Compile(content) };
    }

    /// <summary>True when the compiled content is there and whole.</summary>
    public bool IsCompiled(KeptState state)
    {
        using var compiled = CompiledSnapshot.Open(PathOf(state.Content + CompiledSnapshot.FileEnding)).Content;
        return compiled is not null;
    }

    /// <summary>Reads kept parts again.</summary>
    /// <returns>What they say, and those that are damaged or gone.</returns>
    public (IReadOnlyList<FeedContent> Contents, IReadOnlyList<FeedFault> Faults) ReadParts(IEnumerable<KeptPart> parts)
    {
        var (contents, faults) = (new List<FeedContent>(), new List<FeedFault>());
        foreach (var part in parts)
        {
            var content = IsWhole(part) && DigestOf(PathOf(part.Digest)) == part.Digest ? ReadPart(part) : null;
            if (content is null)
            {
                faults.Add(Damaged(part));
            }
            else
            {
                contents.Add(content);
            }
        }
        return (contents, faults);
    }

    /// <summary>Kept files that are gone or have another size. What is in force does not need them, the next change does.</summary>
    public IEnumerable<FeedFault> Damage(KeptState state) => state.Parts.Where(part => !IsWhole(part)).Select(Damaged);

    /// <summary>Copies the file of a part.</summary>
    /// <returns>What to keep of it; the fault when it changed since it was read.</returns>
    public (KeptPart? Part, FeedFault? Fault) Copy(FeedPart part)
    {
        Directory.CreateDirectory(_folder);
        var copy = PathOf("copy.part");
        using (var to = new FileStream(copy, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            if (part.Name == FeedFiles.PartOf(FeedFileKind.CveRecord, ""))
            {
                Pack(part.Files, to);
            }
            else
            {
                using var from = new FileStream(part.Files[0].Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
                from.CopyTo(to);
            }
            to.Flush(flushToDisk: true);
        }
        if (part.Files.FirstOrDefault(file => FileFacts.Of(file.Path) != file.Facts) is { } changed)
        {
            return (null, new FeedFault(feed, changed.Name, null, "it changed while it was read; import it again when it is at rest"));
        }
        var digest = DigestOf(copy);
        File.Move(copy, PathOf(digest), overwrite: true);
        return (new KeptPart
        {
            Name = part.Name, File = part.Files.Count == 1 && part.Files[0].Kind != FeedFileKind.CveRecord ? part.Files[0].Name : RecordsName,
            Records = part.Content.Records, ContentDate = part.Content.ContentDate, Bytes = new FileInfo(PathOf(digest)).Length, Digest = digest,
        }, null);
    }

    /// <summary>Compiles a content and gives the state that names it.</summary>
    public KeptState WithContent(KeptState state, FeedContent content)
    {
        var compiled = FeedSnapshotBuilder.Compile(content);
        CompiledSnapshot.Write(PathOf(compiled.Digest + CompiledSnapshot.FileEnding), compiled);
        return state with { Content = compiled.Digest, Records = content.Records, ContentDate = content.ContentDate, Version = content.Version };
    }

    private FeedContent? ReadPart(KeptPart part)
    {
        if (FeedFiles.KindOf(part.File) is not { } kind || FileFacts.Of(PathOf(part.Digest)) is not { } facts)
        {
            return null;
        }
        // It was judged when it was accepted; only damage is looked for now.
        var read = FeedFileReader.Read(new FeedFile(kind, part.File, PathOf(part.Digest), facts), DateOnly.MaxValue);
        return read.Contents.Where(content => content.Feed == feed).MaxBy(content => content.AsOf);
    }

    private bool IsWhole(KeptPart part) => FileFacts.Of(PathOf(part.Digest)) is { IsRegular: true } facts && facts.SizeBytes == part.Bytes;

    private FeedFault Damaged(KeptPart part) => new(feed, part.File, null, "the kept file is damaged or gone; what is in force stays. Import or fetch it again");

    private FeedFault Lost(string reason) => new(feed, StateName, null, $"{reason}; import or fetch it again");

    private string PathOf(string name) => Path.Combine(_folder, name);

    private static void Pack(IReadOnlyList<FeedFile> files, Stream to)
    {
        using var archive = new ZipArchive(to, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var file in files)
        {
            archive.CreateEntryFromFile(file.Path, Path.GetFileName(file.Name), CompressionLevel.Fastest);
        }
    }

    private static string DigestOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Replaces a file in one step.</summary>
    internal static void WriteWhole(string path, byte[] bytes)
    {
        using (var file = new FileStream(path + ".part", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".part", path, overwrite: true);
    }
}
