using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Suture.Knowledge.Feeds;

namespace Suture.Cli.Server;

/// <summary>Feed files as one zip archive, packed while it is sent; nothing of it is held.</summary>
internal sealed class FeedArchive : HttpContent
{
    private readonly IReadOnlyList<FeedFile> _files;

    public FeedArchive(IReadOnlyList<FeedFile> files)
    {
        var bytes = files.Sum(file => file.Facts.SizeBytes);
        if (bytes > FeedLimits.UploadBytesMax)
        {
            throw new CliException(Exit.Failure, $"The feeds have {bytes} bytes; a server takes {FeedLimits.UploadBytesMax} in one import. Send them in several folders.");
        }
        _files = files;
        Headers.ContentType = new MediaTypeHeaderValue("application/zip");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await using var archive = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null);
        foreach (var file in _files)
        {
            var isPacked = file.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) || file.Name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);
            await using var from = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            await using var to = await archive.CreateEntry(file.Name, isPacked ? CompressionLevel.NoCompression : CompressionLevel.Fastest).OpenAsync();
            await from.CopyToAsync(to);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
