using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Suture.Knowledge.Feeds;
using Suture.Platform.Api;

namespace Suture.Advisories;

/// <summary>Takes an archive of feed files from a request and unpacks it within bounds; a fault comes back as the answer to give.</summary>
internal static class ReceiveFeeds
{
    /// <summary>Media type of what is sent.</summary>
    internal const string ContentType = "application/zip";

    private const string ArchiveName = "archive.part";

    /// <summary>Unpacks the body into a folder.</summary>
    /// <param name="context">The request.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The refusal; null when the feeds lie in the folder.</returns>
    internal static async Task<IResult?> ReceiveAsync(HttpContext context, string folder, CancellationToken cancellation)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = FeedLimits.UploadBytesMax;
        }
        var path = Path.Combine(folder, ArchiveName);
        try
        {
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                if (!await CopyAsync(context.Request.Body, file, FeedLimits.UploadBytesMax, cancellation))
                {
                    return TooLarge();
                }
            }
            await using var archive = await ZipFile.OpenReadAsync(path, cancellation);
            return await UnpackAsync(archive, folder, cancellation);
        }
        catch (BadHttpRequestException fault)
        {
            return fault.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge()
                : Problems.Of(fault.StatusCode, "The request cannot be understood", "The body broke off or came too slowly; send it again.");
        }
        catch (InvalidDataException)
        {
            return Problems.BadRequest("No archive of feeds", $"The body is no whole zip archive; send one of type {ContentType} with feed files in it.");
        }
        catch (IOException fault)
        {
            return Problems.BadRequest("The archive cannot be unpacked", fault.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<IResult?> UnpackAsync(ZipArchive archive, string folder, CancellationToken cancellation)
    {
        if (archive.Entries.Count > FeedLimits.FolderFilesMax)
        {
            return Problems.BadRequest("Too many files", $"The archive holds {archive.Entries.Count} files; wanted are at most {FeedLimits.FolderFilesMax}.");
        }
        var left = FeedLimits.UploadBytesMax;
        foreach (var entry in archive.Entries.Where(entry => FeedFiles.KindOf(entry.FullName) is not null))
        {
            var target = entry.FullName.Contains('\0', StringComparison.Ordinal) ? "" : Path.GetFullPath(Path.Combine(folder, entry.FullName));
            if (!target.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) || File.Exists(target))
            {
                return Problems.BadRequest("A wrong name", $"The archive holds '{entry.FullName}', which lies outside of it or stands twice; pack the feeds anew.");
            }
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using var from = await entry.OpenAsync(cancellation);
            await using var to = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            if (!await CopyAsync(from, to, left, cancellation))
            {
                return TooLarge();
            }
            left -= to.Length;
        }
        return null;
    }

    private static async Task<bool> CopyAsync(Stream from, Stream to, long most, CancellationToken cancellation)
    {
        var buffer = new byte[81_920];
        var copied = 0L;
        int read;
        while ((read = await from.ReadAsync(buffer, cancellation)) > 0)
        {
            if ((copied += read) > most)
            {
                return false;
            }
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
        return true;
    }

    private static IResult TooLarge() => Problems.Of(
        StatusCodes.Status413PayloadTooLarge, "The feeds are too large", $"They are larger than {FeedLimits.UploadBytesMax} bytes, packed or unpacked; send them in several imports.");
}
