using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Suture.Server.Api;

/// <summary>The published description of the API (OpenAPI): title, version, and how callers sign in. What each route takes and answers, it states itself.</summary>
internal static class ApiDocument
{
    /// <summary>Name of the document, and of the API's version.</summary>
    internal const string Name = "v1";

    private const string Bearer = "bearer";

    internal static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi(Name, options => options
        .AddDocumentTransformer((document, _, _) => Describe(document))
        .AddOperationTransformer((operation, context, _) => DemandSignIn(operation, context)));

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Suture API",
            Version = ProductVersion.Text,
            Description = "What the command line uses, and any program may. Refusals are problem details (RFC 9457). Lists come in pages: pass next of a page as after.",
        };
        document.AddComponent(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            Description = "The token of a session (POST /api/v1/auth/sign-in), or an API token (POST /api/v1/tokens).",
        });
        return Task.CompletedTask;
    }

    private static Task DemandSignIn(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<IAllowAnonymous>().Any())
        {
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
        }
        return Task.CompletedTask;
    }
}
