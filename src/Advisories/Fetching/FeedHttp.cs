using System.Net;
using System.Net.Http.Headers;

namespace Suture.Advisories.Fetching;

/// <summary>What a conditional request brought.</summary>
/// <param name="IsUnchanged">True when the server says that nothing changed; the body is empty then.</param>
/// <param name="Body">The bytes.</param>
/// <param name="Validator">What to send the next time.</param>
internal sealed record FeedResponse(bool IsUnchanged, byte[] Body, FeedValidator Validator);

/// <summary>Validators of the content that is in force.</summary>
/// <param name="ETag">Entity tag; null when none was sent.</param>
/// <param name="LastModified">Modification date as sent; null when none was.</param>
internal sealed record FeedValidator(string? ETag, string? LastModified)
{
    internal static FeedValidator None { get; } = new(null, null);
}

/// <summary>Fetches feeds: bounded, with conditional requests.</summary>
internal sealed class FeedHttp(HttpClient client)
{
    /// <summary>Fetches one address.</summary>
    /// <param name="address">Where.</param>
    /// <param name="bytesMax">Refused when larger.</param>
    /// <param name="known">Validators of what is in force.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="HttpRequestException">The server cannot be reached, says no, or does not send all within the client's timeout.</exception>
    /// <exception cref="InvalidDataException">Larger than allowed.</exception>
    internal async Task<FeedResponse> GetAsync(Uri address, long bytesMax, FeedValidator known, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        var (isUnchanged, validator) = await GetAsync(address, body, bytesMax, known, cancellation);
        return new FeedResponse(isUnchanged, body.ToArray(), validator);
    }

    /// <summary>Fetches one address into a file.</summary>
    /// <param name="address">Where.</param>
    /// <param name="path">The file; written anew.</param>
    /// <param name="bytesMax">Refused when larger.</param>
    /// <param name="known">Validators of what is in force.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>True when the server says that nothing changed, and what to send the next time.</returns>
    /// <exception cref="HttpRequestException">As of <see cref="GetAsync(Uri, long, FeedValidator, CancellationToken)"/>.</exception>
    /// <exception cref="InvalidDataException">Larger than allowed.</exception>
    internal async Task<(bool IsUnchanged, FeedValidator Validator)> DownloadAsync(
        Uri address, string path, long bytesMax, FeedValidator known, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        return await GetAsync(address, file, bytesMax, known, cancellation);
    }

    private async Task<(bool IsUnchanged, FeedValidator Validator)> GetAsync(
        Uri address, Stream body, long bytesMax, FeedValidator known, CancellationToken cancellation)
    {
        // The client's own timeout ends with the headers; a body that never ends must not hold the fetcher.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(client.Timeout);
        try
        {
            return await GetWithinAsync(address, body, bytesMax, known, limit.Token);
        }
        catch (OperationCanceledException fault) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"{address} did not answer whole within {client.Timeout.TotalSeconds:0.#} s", fault);
        }
    }

    private async Task<(bool IsUnchanged, FeedValidator Validator)> GetWithinAsync(
        Uri address, Stream body, long bytesMax, FeedValidator known, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (known.ETag is not null && EntityTagHeaderValue.TryParse(known.ETag, out var tag))
        {
            request.Headers.IfNoneMatch.Add(tag);
        }
        if (known.LastModified is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Modified-Since", known.LastModified);
        }
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        // To a request without conditions "not modified" is a refusal like any other.
        if (response.StatusCode == HttpStatusCode.NotModified && known != FeedValidator.None)
        {
            return (true, known);
        }
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{address} answered {(int)response.StatusCode} {response.ReasonPhrase}", null, response.StatusCode);
        }
        await CopyBoundedAsync(response.Content, body, address, bytesMax, cancellation);
        var modified = response.Content.Headers.TryGetValues("Last-Modified", out var values) ? values.FirstOrDefault() : null;
        return (false, new FeedValidator(response.Headers.ETag?.ToString(), modified));
    }

    private static async Task CopyBoundedAsync(HttpContent content, Stream body, Uri address, long bytesMax, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > bytesMax)
        {
            throw new InvalidDataException($"{address} announces {content.Headers.ContentLength:N0} bytes, allowed are {bytesMax:N0}");
        }
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[81_920];
        var copied = 0L;
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            if ((copied += read) > bytesMax)
            {
                throw new InvalidDataException($"{address} sent more than the {bytesMax:N0} bytes allowed");
            }
            await body.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
    }
}
