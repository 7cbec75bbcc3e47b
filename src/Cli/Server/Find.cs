using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Server;

/// <summary>Finds what a person names in few words.</summary>
internal static class Find
{
    private const int NamedMax = 5;

    /// <summary>The asset with an id or a host name; of several with that name the one that is not retired.</summary>
    public static async Task<AssetRow> AssetAsync(ApiClient client, string given, CancellationToken cancellation)
    {
        if (Guid.TryParse(given, out var id))
        {
            return (await client.GetAsync($"assets/{id}", ContractsJson.Default.AssetDetail, cancellation)).Asset;
        }
        var all = await client.ListAsync("assets", ContractsJson.Default.PageAssetRow, ApiClient.RowsMax, cancellation);
        var named = all.Items.Where(row => string.Equals(row.Name, given, StringComparison.OrdinalIgnoreCase)).ToList();
        var live = named.Count > 1 ? named.Where(row => row.State != AssetState.Retired).ToList() : named;
        return live switch
        {
            [var one] => one,
            [] => throw new CliException(Exit.Failure, $"No asset in your scope is called '{given}'. See {Launcher.Name} assets."),
            _ => throw new CliException(Exit.Usage, $"{live.Count} assets are called '{given}'; give the id: {string.Join(", ", live.Take(NamedMax).Select(row => row.Id))}."),
        };
    }

    /// <summary>The key of the open fix that a person names: a key as it stands, or a source package that one fix has.</summary>
    public static async Task<string> FixKeyAsync(ApiClient client, string given, CancellationToken cancellation)
    {
        if (given.Contains('/', StringComparison.Ordinal))
        {
            return given;
        }
        var named = await client.ListAsync(Query.Of("fixes", ("source", given)), ContractsJson.Default.PageFixRow, NamedMax, cancellation);
        return named.Items switch
        {
            [var one] => one.Key,
            [] => throw new CliException(Exit.Failure, $"No open fix in your scope is of '{given}'; wanted is a key or a source package. See {Launcher.Name} fixes."),
            _ => throw new CliException(Exit.Usage, $"'{given}' has {named.Total ?? named.Items.Count} fixes; give one's key: {string.Join(", ", named.Items.Select(row => row.Key))}."),
        };
    }
}
