using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Suture.Inventory;
using Suture.Platform.Identity;
using Suture.Platform.Ledger;
using Suture.Tests;

namespace Suture.Server.Tests.Api;

public sealed class FreshInstallTests(StoreFixture stores)
{
    /// <summary>Each file below the data folder is of one installation only, and readable by its owner alone; keys, codes and certificates differ.</summary>
    [Fact]
    public async Task TwoInstallationsShareNoKey()
    {
        await using var one = await WholeServer.StartAsync(stores);
        await using var two = await WholeServer.StartAsync(stores);

        var (first, second) = (await SecretsOfAsync(one), await SecretsOfAsync(two));

        Assert.Equal(first.Keys.Order(), second.Keys.Order());
        Assert.Superset(new HashSet<string> { "authority", "signs jobs", "signs checkpoints", "first code" }, first.Keys.ToHashSet());
        Assert.Contains(first.Keys, name => name.StartsWith("file ", StringComparison.Ordinal));
        Assert.All(first, secret => Assert.NotEqual(secret.Value, second[secret.Key]));
    }

    private static async Task<Dictionary<string, string>> SecretsOfAsync(WholeServer server)
    {
        var secrets = new Dictionary<string, string>
        {
            ["authority"] = server.Services.GetRequiredService<AgentAuthority>().PublicCertificate.Thumbprint,
            ["signs jobs"] = string.Join(' ', server.Services.GetRequiredService<IJobSigningKeys>().PublicKeys.Values),
            ["signs checkpoints"] = string.Join(' ', server.Services.GetRequiredService<CheckpointSigner>().PublicKeys.Values),
            ["first code"] = (await IdentitySetup.EnsureFirstUserAsync(server.Store, TimeProvider.System, true, CancellationToken.None))!.Code,
        };
        foreach (var file in Directory.EnumerateFiles(server.Folder, "*", SearchOption.AllDirectories)
            .Where(file => new FileInfo(file).Length > 0 && !file.Contains("/feeds", StringComparison.Ordinal))) // what publishers say is no secret
        {
            Assert.True(File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), $"{file} has {File.GetUnixFileMode(file)}");
            secrets["file " + Path.GetRelativePath(server.Folder, file)] = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file)));
        }
        return secrets;
    }
}
