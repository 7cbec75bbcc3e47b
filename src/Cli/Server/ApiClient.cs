using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Server;

/// <summary>Speaks to the server's API, the same that any customer uses.</summary>
internal sealed class ApiClient : IDisposable
{
    /// <summary>Rows a list command reads at the most.</summary>
    public const int RowsMax = 10_000;

    // The least that every list of the server allows.
    private const int PageMax = 500;

    /// <summary>Time for an answer of the server.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(100);

    /// <summary>Time to send files and have them read.</summary>
    public static readonly TimeSpan UploadTime = TimeSpan.FromMinutes(30);

    private readonly HttpClient _http;
    private readonly ServerSession _session;

    public ApiClient(ServerSession session)
    {
        _session = session;
        _http = new HttpClient { BaseAddress = new Uri(session.Server, "api/v1/"), Timeout = Timeout.InfiniteTimeSpan };
        if (session.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>Address of the server.</summary>
    public Uri Server => _session.Server;

    /// <summary>Reads one thing.</summary>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        await ReadAsync(await SendAsync(HttpMethod.Get, path, null, cancellation), type, cancellation);

    /// <summary>Reads text as the server writes it.</summary>
    public async Task<string> GetTextAsync(string path, CancellationToken cancellation)
    {
        using var response = await CheckedAsync(await SendAsync(HttpMethod.Get, path, null, cancellation), cancellation);
        return await response.Content.ReadAsStringAsync(cancellation);
    }

    /// <summary>Sends one thing and reads the answer.</summary>
    public async Task<TAnswer> SendAsync<TRequest, TAnswer>(
        HttpMethod method, string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation) =>
        await ReadAsync(await SendAsync(method, path, JsonContent.Create(request, requestType), cancellation), answerType, cancellation);

    /// <summary>Asks for something to be done that has no answer of its own.</summary>
    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancellation) =>
        (await CheckedAsync(await SendAsync(method, path, null, cancellation), cancellation)).Dispose();

    /// <summary>Asks for something to be done and reads the answer.</summary>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        await ReadAsync(await SendAsync(method, path, null, cancellation), type, cancellation);

    /// <summary>Sends files and reads the answer.</summary>
    public async Task<T> UploadAsync<T>(string path, FeedArchive files, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        await ReadAsync(await SendAsync(HttpMethod.Post, path, files, cancellation), type, cancellation);

    /// <summary>Reads a list, page by page, in the server's order.</summary>
    /// <param name="path">Path with its query, without <c>after</c> and <c>limit</c>.</param>
    /// <param name="type">Page.</param>
    /// <param name="most">Rows at the most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The rows as one page, with the next page's key when there are more, and the count of all where the server tells it.</returns>
    public async Task<Page<T>> ListAsync<T>(string path, JsonTypeInfo<Page<T>> type, int most, CancellationToken cancellation)
    {
        var items = new List<T>();
        Page<T> page;
        string? after = null;
        do
        {
            page = await GetAsync(Query.Of(path, ("limit", Math.Min(PageMax, most - items.Count).ToString(CultureInfo.InvariantCulture)), ("after", after)), type, cancellation);
            items.AddRange(page.Items.Take(most - items.Count));
            after = page.Next;
        }
        while (after is not null && items.Count < most);
        return new Page<T> { Items = items, Next = after, Total = page.Total };
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        var most = content is FeedArchive ? UploadTime : AnswerTime;
        using var request = new HttpRequestMessage(method, path) { Content = content };
        // Files are sent once the server wants them: a refusal comes before the bytes.
        request.Headers.ExpectContinue = content is FeedArchive;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(most);
        try
        {
            return await _http.SendAsync(request, limit.Token);
        }
        catch (HttpRequestException fault)
        {
            throw new CliException(Exit.Failure, $"No server answers on {_session.Server} ({fault.Message}). Start one with {Launcher.Name} up, or name another with --server.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException(Exit.Failure, $"The server on {_session.Server} did not answer within {most.TotalSeconds:F0} s. Look at its log, then try again.");
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using (await CheckedAsync(response, cancellation))
        {
            var content = await response.Content.ReadAsByteArrayAsync(cancellation);
            return JsonSerializer.Deserialize(content, type)
                ?? throw new CliException(Exit.Failure, $"The server's answer to {response.RequestMessage?.RequestUri} is empty.");
        }
    }

    private async Task<HttpResponseMessage> CheckedAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        using (response)
        {
            throw await RefusalAsync(response, cancellation);
        }
    }

    private async Task<CliException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            return new NotSignedInException(_session.Token is null
                ? $"Nobody is signed in on {_session.Server}. Run {Launcher.Name} sign-in, or set SUTURE_TOKEN."
                : $"The server on {_session.Server} does not take this session any more. Run {Launcher.Name} sign-in again.");
        }
        Problem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellation), ContractsJson.Default.Problem);
        }
        catch (JsonException)
        {
            // Not ours: a proxy, or another program on that port.
        }
        var exit = response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.Forbidden or HttpStatusCode.UnprocessableEntity ? Exit.Findings : Exit.Failure;
        return new CliException(exit, problem is null
            ? $"The server on {_session.Server} answered {(int)response.StatusCode} {response.ReasonPhrase}. Is it Suture's?"
            : Hints.ForPeople(string.Join(" ", new[] { problem.Title.TrimEnd('.') + ".", problem.Detail }.Concat(Faults(problem)).Where(text => !string.IsNullOrEmpty(text)))));
    }

    private static IEnumerable<string> Faults(Problem problem) =>
        problem.Errors?.SelectMany(pair => pair.Value.Select(fault => $"\n  {pair.Key}: {fault}")) ?? [];
}
