using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Suture.Cli.Tests.Server;

/// <summary>Answers a command with what a test wants the server to say; that the server's routes are these, Server.Tests checks with the real one.</summary>
internal sealed class ServerDouble : IAsyncDisposable
{
    private readonly Dictionary<string, (int Status, string Body)> _answers = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private ServerDouble(WebApplication app) => _app = app;

    /// <summary>What was asked, with queries and bodies: <c>PUT fixes/KEY/assignment {"team":"web"}</c>.</summary>
    public List<string> Asked { get; } = [];

    public string Address => _app.Urls.First() + "/";

    public static async Task<ServerDouble> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new ServerDouble(builder.Build());
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Sets the answer to a call.</summary>
    /// <param name="call">Method and path below <c>/api/v1/</c>, without query for any, with the beginning of a query for those that begin so.</param>
    public ServerDouble With<T>(string call, T body, JsonTypeInfo<T> type, int status = 200)
    {
        _answers[call] = (status, JsonSerializer.Serialize(body, type));
        return this;
    }

    /// <summary>Lets a call succeed without an answer.</summary>
    public ServerDouble With(string call)
    {
        _answers[call] = (204, "");
        return this;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!["/api/v1/".Length..];
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        var call = $"{context.Request.Method} {path}{context.Request.QueryString}";
        Asked.Add($"{call}{(body.Length > 0 ? " " + body : "")}");
        var known = _answers.Keys.FirstOrDefault(key => key.Contains('?', StringComparison.Ordinal) && call.StartsWith(key, StringComparison.Ordinal)) ?? $"{context.Request.Method} {path}";
        var (status, text) = _answers.TryGetValue(known, out var answer) ? answer : (404, """{"title":"Not there","status":404}""");
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        if (status != 204)
        {
            await context.Response.WriteAsync(text);
        }
    }
}
