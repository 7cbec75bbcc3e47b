using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts;
using Suture.Platform.Identity;
using Suture.Tests;

namespace Suture.Server.Tests.Api;

/// <summary>The published description of the API against the routes that are really there.</summary>
public sealed class ApiDocumentTests(StoreFixture stores)
{
    private const string Path = "/api/v1/openapi.json";

    [Fact]
    public async Task Document_EveryRoute_IsDescribedWholly()
    {
        await using var server = await WholeServer.StartAsync(stores);
        var document = await ReadAsync(server);

        var faults = server.ApiRoutes.SelectMany(route => Faults(document, route)).ToList();

        Assert.Empty(faults);
        Assert.True(server.ApiRoutes.Count >= 35, $"{server.ApiRoutes.Count}");
        Assert.Equal("Suture API", (string?)document["info"]!["title"]);
        Assert.Equal(typeof(ProductVersion).Assembly.GetName().Version!.ToString(3), (string?)document["info"]!["version"]);
        Assert.Equal("bearer", (string?)document["components"]!["securitySchemes"]!["bearer"]!["scheme"]);
    }

    [Fact]
    public async Task Document_NothingElse_IsInIt()
    {
        await using var server = await WholeServer.StartAsync(stores);
        var document = await ReadAsync(server);

        var described = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}"));
        var ids = Operations(document).Select(operation => (string?)operation["operationId"]).ToList();

        Assert.Equal(server.ApiRoutes.SelectMany(Calls).Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        Assert.Equal(ids.Distinct().Count(), ids.Count);
        Assert.DoesNotContain("/agent", document["paths"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ProblemDetails", document.ToJsonString(), StringComparison.Ordinal);
    }

    // The control: each way to describe a route badly is found.
    [Theory]
    [InlineData("operationId", "no operationId")]
    [InlineData("summary", "no summary")]
    [InlineData("tags", "no tag")]
    [InlineData("security", "security does not say")]
    [InlineData("responses/400", "no 400")]
    [InlineData("responses/401", "no 401")]
    [InlineData("responses/403", "no 403")]
    [InlineData("responses/403/content/application~1problem+json", "403 has no content")]
    [InlineData("responses/200/content", "200 has no content")]
    [InlineData("responses/200", "no success")]
    [InlineData("parameters/0", "a part of the path is not described")]
    public async Task Faults_DescriptionThatLacksSomething_NamesIt(string lacking, string wanted)
    {
        await using var server = await WholeServer.StartAsync(stores);
        var document = await ReadAsync(server);
        var route = server.ApiRoutes.Single(route => route.RoutePattern.RawText == "/api/v1/plans/{id:guid}");
        var steps = lacking.Split('/').Select(step => step.Replace("~1", "/", StringComparison.Ordinal)).ToList();
        var node = steps.SkipLast(1).Aggregate(document["paths"]!["/api/v1/plans/{id}"]!["get"]!, (at, step) => at[step]!);
        if (node is JsonArray list)
        {
            list.RemoveAt(0);
        }
        else
        {
            node.AsObject().Remove(steps[^1]);
        }

        Assert.Contains(Faults(document, route), fault => fault.Contains(wanted, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Faults_RouteThatIsNotDescribed_IsNamed()
    {
        await using var server = await WholeServer.StartAsync(stores);
        var document = await ReadAsync(server);
        document["paths"]!.AsObject().Remove("/api/v1/plans");

        Assert.Equal(2, server.ApiRoutes.SelectMany(route => Faults(document, route)).Count());
    }

    [Fact]
    public async Task Query_NameThatNoRouteKnows_IsRefusedByEveryRouteWithTheNamesOfTheDocument()
    {
        await using var server = await WholeServer.StartAsync(stores);
        using var admin = await server.SignInFirstAsync();
        var document = await ReadAsync(server);

        foreach (var route in server.ApiRoutes)
        {
            var path = Described(route);
            var known = Names(document["paths"]![path]![Methods(route)[0].ToLowerInvariant()]!, "query");
            var problem = await RefusedAsync(admin, route, "bogus=1");
            Assert.Contains($"'bogus' is no parameter of {Methods(route)[0]} ", problem, StringComparison.Ordinal);
            Assert.Contains(known.Count == 0 ? "which takes none." : $"which takes {string.Join(", ", known)}.", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Limit_OutOfBounds_IsRefusedByEveryListInTheSameWords()
    {
        await using var server = await WholeServer.StartAsync(stores);
        using var admin = await server.SignInFirstAsync();
        var document = await ReadAsync(server);
        var lists = server.ApiRoutes.Where(route => Names(document["paths"]![Described(route)]![Methods(route)[0].ToLowerInvariant()]!, "query").Contains("limit")).ToList();

        foreach (var list in lists)
        {
            Assert.Equal("limit is 0, wanted 1 to 1000. Leave it out for 100.", await RefusedAsync(admin, list, "limit=0"));
            Assert.Equal("limit is 1001, wanted 1 to 1000. Leave it out for 100.", await RefusedAsync(admin, list, "limit=1001"));
            using var most = await admin.GetAsync(new Uri(server.Url, Address(list) + "?limit=1000"));
            Assert.Equal(HttpStatusCode.OK, most.StatusCode);
        }
        Assert.True(lists.Count >= 10, $"{lists.Count}");
    }

    private static async Task<JsonNode> ReadAsync(WholeServer server)
    {
        using var nobody = new HttpClient();
        return JsonNode.Parse(await nobody.GetStringAsync(new Uri(server.Url, Path)))!;
    }

    private static List<string> Faults(JsonNode document, RouteEndpoint route)
    {
        var faults = new List<string>();
        foreach (var method in Methods(route))
        {
            var operation = document["paths"]![Described(route)]?[method.ToLowerInvariant()];
            if (operation is null)
            {
                faults.Add($"{method} {Described(route)} is not described");
                continue;
            }
            var isOpen = RouteRights.AccessOf(route) == RouteAccess.Anonymous;
            Require(!string.IsNullOrEmpty((string?)operation["operationId"]), "no operationId");
            Require(!string.IsNullOrEmpty((string?)operation["summary"]), "no summary");
            Require((string?)operation["tags"]?[0] is { Length: > 0 } tag && !tag.Contains("server", StringComparison.Ordinal), "no tag");
            Require(isOpen == (operation["security"]?[0]?["bearer"] is null), "security does not say who may call it");
            foreach (var status in (string[])(isOpen ? ["400", "401"] : ["400", "401", "403"]))
            {
                Require(operation["responses"]?[status] is not null, $"no {status}");
            }
            foreach (var (status, response) in operation["responses"]?.AsObject().ToList() ?? [])
            {
                Require(
                    status[0] == '2'
                        ? status == "204" || response!["content"]?.AsObject().Count > 0
                        : (string?)response!["content"]?["application/problem+json"]?["schema"]?["$ref"] == "#/components/schemas/Problem",
                    $"{status} has no content");
            }
            Require(operation["responses"]?.AsObject().Any(response => response.Key[0] == '2') == true, "no success");
            Require(route.RoutePattern.Parameters.All(part => Names(operation, "path").Contains(part.Name)), "a part of the path is not described");
            void Require(bool holds, string fault)
            {
                if (!holds)
                {
                    faults.Add($"{method} {Described(route)}: {fault}");
                }
            }
        }
        return faults;
    }

    private static IEnumerable<JsonNode> Operations(JsonNode document) => document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => method.Value!));

    private static IEnumerable<string> Calls(RouteEndpoint route) => Methods(route).Select(method => $"{method} {Described(route)}");

    private static IReadOnlyList<string> Methods(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods;

    // Without the constraints of the pattern.
    private static string Described(RouteEndpoint route) =>
        string.Join('/', route.RoutePattern.RawText!.TrimEnd('/').Split('/').Select(part => part.Contains(':', StringComparison.Ordinal) ? part.Split(':')[0] + "}" : part));

    private static string Address(RouteEndpoint route) =>
        route.RoutePattern.Parameters.Aggregate(Described(route), (path, part) => path.Replace($"{{{part.Name}}}", part.Name == "id" ? Guid.Empty.ToString() : "x", StringComparison.Ordinal));

    private static List<string> Names(JsonNode operation, string place) =>
        [.. (operation["parameters"]?.AsArray() ?? []).Where(parameter => (string?)parameter!["in"] == place).Select(parameter => (string)parameter!["name"]!).Order(StringComparer.Ordinal)];

    private static async Task<string> RefusedAsync(HttpClient client, RouteEndpoint route, string query)
    {
        using var request = new HttpRequestMessage(new HttpMethod(Methods(route)[0]), new Uri(client.BaseAddress!, Address(route) + "?" + query));
        using var answer = await client.SendAsync(request);
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{request.Method} {request.RequestUri}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync(ContractsJson.Default.Problem))!.Detail!;
    }
}
