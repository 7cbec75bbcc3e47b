using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Json;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Platform.Api;

/// <summary>How endpoints read and write JSON: the generated contracts, strictly.</summary>
internal static class ApiJson
{
    internal static void Configure(JsonOptions options)
    {
        var json = options.SerializerOptions;
        json.PropertyNameCaseInsensitive = false;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        json.RespectNullableAnnotations = true;
        json.AllowDuplicateProperties = false;
        json.MaxDepth = 32;
        json.TypeInfoResolverChain.Insert(0, ((IJsonTypeInfoResolver)ContractsJson.Default).WithAddedModifier(RefuseUnknownMembers));
    }

    // A person's misspelt member must not be dropped in silence. Agents of another release may send members that we do not know: those are left out.
    private static void RefuseUnknownMembers(JsonTypeInfo type)
    {
        if (type.Kind == JsonTypeInfoKind.Object && type.Type.Namespace == typeof(Problem).Namespace)
        {
            type.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        }
    }
}
