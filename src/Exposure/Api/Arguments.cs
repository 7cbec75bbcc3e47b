using Suture.Inventory;
using Suture.Platform.Api;
using Suture.Platform.Identity;
using Microsoft.AspNetCore.Http;

namespace Suture.Exposure.Api;

/// <summary>Reads arguments that several routes share; a refusal names the value seen and the value wanted.</summary>
internal static class Arguments
{
    private const int AmbiguousNamedMax = 5;

    /// <summary>Fault of a text that is too long; null when all are good.</summary>
    internal static IResult? Fault(params ReadOnlySpan<(string Name, string? Value)> texts)
    {
        foreach (var (name, value) in texts)
        {
            if (value?.Length > ExposureLimits.ArgumentCharactersMax || value?.Contains('\0', StringComparison.Ordinal) == true)
            {
                return Problems.BadRequest($"The argument {name} cannot be one", $"{name} has {value.Length} characters, wanted at most {ExposureLimits.ArgumentCharactersMax} and no U+0000.");
            }
        }
        return null;
    }

    /// <summary>Finds an asset in scope by id, or by a name that only one has.</summary>
    /// <returns>The asset, or the refusal.</returns>
    internal static async Task<(AssetRecord? Asset, IResult? Refusal)> FindAssetAsync(
        AssetDirectory assets, Scope scope, string text, CancellationToken cancellation)
    {
        if (Guid.TryParse(text, out var id))
        {
            var found = await assets.FindAsync(scope, id, cancellation);
            return found is null ? (null, NoSuch(text)) : (found, null);
        }
        var named = (await assets.ListAsync(scope, cancellation)).Where(asset => string.Equals(asset.Name, text, StringComparison.OrdinalIgnoreCase)).ToList();
        var live = named.Count > 1 ? named.Where(asset => asset.State != Contracts.Api.AssetState.Retired).ToList() : named;
        return live.Count switch
        {
            1 => (live[0], null),
            0 => (null, NoSuch(text)),
            _ => (null, Problems.BadRequest(
                "Several assets have this name",
                $"'{text}' is the name of {live.Count} assets; ask by id, for example {string.Join(", ", live.Take(AmbiguousNamedMax).Select(asset => asset.Id))}.")),
        };
    }

    private static IResult NoSuch(string text) =>
        Problems.NotFound("No such asset", $"No asset in your scope has the id or name '{text}'. List what there is with GET /api/v1/assets.");
}
