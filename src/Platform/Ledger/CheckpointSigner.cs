using System.Security.Cryptography;
using Suture.Contracts.Ledger;
using Suture.Platform.Storage;

namespace Suture.Platform.Ledger;

/// <summary>The key that signs checkpoints: ECDSA P-256, made at first start, among the server's secrets. It is not the one that signs jobs: who can sign what was, must not be able to
/// sign what is to be done.</summary>
internal sealed class CheckpointSigner : IDisposable
{
    public const string SecretName = "checkpoint-signing-key";

    private readonly ECDsa _key;

    public CheckpointSigner(SecretsFolder secrets) => _key = SigningKey.Open(
        secrets, SecretName, "Put the backup of it back; without one, remove it: checkpoints that were signed before can then be verified only by who kept the old public key.");

    /// <summary>Id and public key.</summary>
    public IReadOnlyDictionary<string, string> PublicKeys => new Dictionary<string, string> { [Checkpoint.KeyIdOf(_key)] = Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo()) };

    public Checkpoint Sign(long position, ReadOnlySpan<byte> hash, DateTimeOffset at)
    {
        // One key object is not promised to be safe for several users at once.
        lock (_key)
        {
            return Checkpoint.Sign(position, hash, at, _key);
        }
    }

    /// <summary>True when it was signed here.</summary>
    public bool IsOurs(Checkpoint checkpoint)
    {
        lock (_key)
        {
            return checkpoint.KeyId == Checkpoint.KeyIdOf(_key) && checkpoint.IsSignedBy(_key);
        }
    }

    public void Dispose() => _key.Dispose();
}
