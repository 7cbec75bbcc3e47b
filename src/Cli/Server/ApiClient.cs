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

    /// <summary>Reads one thing.</summary>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        await ReadAsync(await SendAsync(HttpMethod.Get, path, null, AnswerTime, cancellation), type, cancellation);

    /// <summary>Sends one thing and reads the answer.</summary>
    public async Task<TAnswer> SendAsync<TRequest, TAnswer>(
        HttpMethod method, string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation) =>
        await ReadAsync(await SendAsync(method, path, JsonContent.Create(request, requestType), AnswerTime, cancellation), answerType, cancellation);

    /// <summary>Sends files and reads the answer.</summary>
    public async Task<T> UploadAsync<T>(string path, FeedArchive files, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        await ReadAsync(await SendAsync(HttpMethod.Post, path, files, UploadTime, cancellation), type, cancellation);

    /// <summary>Reads a list, page by page, in the server's order.</summary>
    /// <param name="path">Path with its query, without <c>after</c>.</param>
    /// <param name="type">Page.</param>
    /// <param name="most">Rows at the most.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string path, JsonTypeInfo<Page<T>> type, int most, CancellationToken cancellation)
    {
        var items = new List<T>();
        string? after = null;
        do
        {
            var page = await GetAsync(after is null ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}after={Uri.EscapeDataString(after)}", type, cancellation);
            items.AddRange(page.Items.Take(most - items.Count));
            after = page.Next;
        }
        while (after is not null && items.Count < most);
        return items;
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, TimeSpan most, CancellationToken cancellation)
    {
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
            throw new CliException(Exit.Failure, $"No server answers on {_session.Server} ({fault.Message}). Start one with 'suture up', or name another with --server.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException(Exit.Failure, $"The server on {_session.Server} did not answer within {most.TotalSeconds:F0} s. Look at its log, then try again.");
        }
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using (response)
        {
            if (!response.IsSuccessStatusCode)
            {
                throw await RefusalAsync(response, cancellation);
            }
            var content = await response.Content.ReadAsByteArrayAsync(cancellation);
            return JsonSerializer.Deserialize(content, type)
                ?? throw new CliException(Exit.Failure, $"The server's answer to {response.RequestMessage?.RequestUri} is empty.");
        }
    }

    private async Task<CliException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
        {
            return new CliException(Exit.Failure, _session.Token is null
                ? $"Nobody is signed in on {_session.Server}. Run 'suture sign-in', or set SUTURE_TOKEN."
                : $"The server on {_session.Server} does not take this session any more. Run 'suture sign-in' again.");
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
            : string.Join(" ", new[] { problem.Title.TrimEnd('.') + ".", problem.Detail }.Concat(Faults(problem)).Where(text => !string.IsNullOrEmpty(text))));
    }

    private static IEnumerable<string> Faults(Problem problem) =>
        problem.Errors?.SelectMany(pair => pair.Value.Select(fault => $"\n  {pair.Key}: {fault}")) ?? [];
}
