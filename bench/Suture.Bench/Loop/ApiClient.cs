using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Bench.Loop;

/// <summary>The server's API as any customer's program uses it.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    public ApiClient(Uri server) =>
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = new Uri(server, "api/v1/"), Timeout = LoopLimits.Request };

    /// <summary>Signs in with a one-time code; the session's rights hold from here on.</summary>
    public async Task SignInAsync(SignInRequest request, CancellationToken cancellation)
    {
        var session = await PostAsync("auth/sign-in", request, ContractsJson.Default.SignInRequest, ContractsJson.Default.SignInResponse, cancellation);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.Token);
    }

    /// <summary>True when the server answers at all.</summary>
    public async Task<bool> IsUpAsync(CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.GetAsync("status", cancellation);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Reads.</summary>
    /// <exception cref="BenchException">The answer is a refusal.</exception>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(path, cancellation);
        return await ReadAsync(response, type, cancellation);
    }

    /// <summary>Reads all pages of a list, in its order.</summary>
    /// <exception cref="BenchException">The answer is a refusal.</exception>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string path, JsonTypeInfo<Page<T>> type, CancellationToken cancellation)
    {
        var rows = new List<T>();
        string? after = null;
        do
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await GetAsync(after is null ? path : $"{path}{separator}after={Uri.EscapeDataString(after)}", type, cancellation);
            rows.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);
        return rows;
    }

    /// <summary>Asks for something without saying more.</summary>
    /// <exception cref="BenchException">The answer is a refusal.</exception>
    public async Task<TAnswer> PostAsync<TAnswer>(string path, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation)
    {
        using var response = await _http.PostAsync(path, null, cancellation);
        return await ReadAsync(response, answerType, cancellation);
    }

    /// <summary>Asks for something.</summary>
    /// <exception cref="BenchException">The answer is a refusal.</exception>
    public async Task<TAnswer> PostAsync<TRequest, TAnswer>(
        string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation)
    {
        using var response = await _http.PostAsync(path, JsonContent.Create(request, requestType), cancellation);
        return await ReadAsync(response, answerType, cancellation);
    }

    /// <summary>Puts a policy in force.</summary>
    /// <exception cref="BenchException">It is refused.</exception>
    public async Task ApplyPolicyAsync(string yaml, CancellationToken cancellation)
    {
        var document = new PolicyDocument { Yaml = yaml };
        using var response = await _http.PutAsync("policy", JsonContent.Create(document, ContractsJson.Default.PolicyDocument), cancellation);
        await ReadAsync(response, ContractsJson.Default.PolicyDocument, cancellation);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
        return response.IsSuccessStatusCode
            ? JsonSerializer.Deserialize(bytes, type)!
            : throw new BenchException($"{response.RequestMessage!.RequestUri} answered {(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(bytes)}");
    }
}
