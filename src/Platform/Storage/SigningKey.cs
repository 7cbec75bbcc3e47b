using System.Security.Cryptography;

namespace Suture.Platform.Storage;

/// <summary>Keys that the server signs with, among its secrets: ECDSA P-256 as PKCS #8.</summary>
public static class SigningKey
{
    /// <summary>Reads a key, or makes and writes it the first time.</summary>
    /// <param name="secrets">Where it lies.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="remedy">What to do when the file holds no such key, as one sentence.</param>
    /// <returns>The key; the caller disposes it.</returns>
    /// <exception cref="InvalidOperationException">The secret is no ECDSA P-256 key; says so, and the remedy.</exception>
    public static ECDsa Open(SecretsFolder secrets, string name, string remedy)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(secrets.GetOrCreate(name, Make), out _);
            return key.KeySize == 256 ? key : throw new CryptographicException($"it has {key.KeySize} bits");
        }
        catch (CryptographicException fault)
        {
            key.Dispose();
            throw new InvalidOperationException($"The secret '{name}' is no ECDSA P-256 key ({fault.Message}). {remedy}", fault);
        }
    }

    private static byte[] Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }
}
