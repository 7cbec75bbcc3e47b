using System.Security.Cryptography;
using Suture.Contracts.Jobs;
using Suture.Inventory;
using Suture.Platform.Storage;

namespace Suture.Remediation.Dispatch;

/// <summary>The key that signs jobs: ECDSA P-256, made at first start, among the server's secrets. Agents learn its public part at enrolment.</summary>
internal sealed class JobSigner : IJobSigningKeys, IDisposable
{
    public const string SecretName = "job-signing-key";

    private readonly ECDsa _key;

    public JobSigner(SecretsFolder secrets)
    {
        _key = Read(secrets.GetOrCreate(SecretName, Make));
        var subject = _key.ExportSubjectPublicKeyInfo();
        KeyId = Convert.ToHexStringLower(SHA256.HashData(subject))[..16];
        PublicKeys = new Dictionary<string, string> { [KeyId] = Convert.ToBase64String(subject) };
    }

    /// <summary>First 16 hex digits of the SHA-256 of the public key's SubjectPublicKeyInfo.</summary>
    public string KeyId { get; }

    public IReadOnlyDictionary<string, string> PublicKeys { get; }

    public byte[] Sign(ReadOnlySpan<byte> payload)
    {
        // One key object is not promised to be safe for several signers at once.
        lock (_key)
        {
            return JobSignature.Sign(payload, _key);
        }
    }

    public void Dispose() => _key.Dispose();

    private static byte[] Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    private static ECDsa Read(byte[] secret)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(secret, out _);
            return key.KeySize == 256 ? key : throw new CryptographicException($"it has {key.KeySize} bits");
        }
        catch (CryptographicException fault)
        {
            key.Dispose();
            throw new InvalidOperationException(
                $"The secret '{SecretName}' is no ECDSA P-256 key ({fault.Message}). Put the backup of it back; without one, remove it and enrol every endpoint again.", fault);
        }
    }
}
