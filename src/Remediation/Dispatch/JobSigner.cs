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
        _key = SigningKey.Open(secrets, SecretName, "Put the backup of it back; without one, remove it and enrol every endpoint again.");
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
}
