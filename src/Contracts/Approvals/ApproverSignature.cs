using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Suture.Contracts.Approvals;

/// <summary>An approver's own signature over a challenge of 32 bytes: a plan's hash, or that of a new set of approvers.</summary>
/// <remarks>
/// Of a plain key: ECDSA P-256 with SHA-256 (r and s, 32 bytes each) over the ASCII bytes <c>suture-approval-v1</c>, one zero byte, and the challenge. Of a passkey: the
/// assertion of WebAuthn Level 2, section 7.2, with this challenge: <see cref="Signature"/> in DER over the authenticator data and the SHA-256 of the client data.
/// </remarks>
public sealed record ApproverSignature
{
    private const int AuthenticatorDataMin = 37; // hash of the relying party, flags, counter
    private const int BytesMax = 4 * 1024;
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;

    /// <summary>Id of the approver's key.</summary>
    public required string KeyId { get; init; }

    /// <summary>Signature bytes, base64.</summary>
    public required string Signature { get; init; }

    /// <summary>Authenticator data of a passkey's assertion, base64; null for a plain key.</summary>
    public string? AuthenticatorData { get; init; }

    /// <summary>Client data of a passkey's assertion (JSON), base64; null for a plain key.</summary>
    public string? ClientData { get; init; }

    /// <summary>Signs with a plain key.</summary>
    /// <param name="challenge">32 bytes.</param>
    /// <param name="key">ECDSA P-256 private key.</param>
    public static ApproverSignature Sign(ReadOnlySpan<byte> challenge, ECDsa key) => new()
    {
        KeyId = ApproverKey.IdOf(key.ExportSubjectPublicKeyInfo()),
        Signature = Convert.ToBase64String(key.SignData(Plain(challenge), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
    };

    /// <summary>How many holders of a set signed; a holder counts once, however many keys or signatures there are of them.</summary>
    /// <param name="signatures">Signatures received.</param>
    /// <param name="challenge">32 bytes.</param>
    /// <param name="set">Set whose keys count.</param>
    public static int CountHolders(IReadOnlyList<ApproverSignature> signatures, ReadOnlySpan<byte> challenge, ApproverSet set)
    {
        var holders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var signature in signatures.Take(2 * ApproverSet.KeysMax))
        {
            if (set.Keys.FirstOrDefault(key => key.KeyId == signature.KeyId) is { } key && !holders.Contains(key.Holder) && signature.IsBy(key, challenge))
            {
                holders.Add(key.Holder);
            }
        }
        return holders.Count;
    }

    /// <summary>Whether it is this key's over this challenge. Anything unclear is not.</summary>
    /// <param name="key">The key as the set has it: a passkey's signature does not count for a plain key, nor the reverse.</param>
    /// <param name="challenge">32 bytes.</param>
    public bool IsBy(ApproverKey key, ReadOnlySpan<byte> challenge)
    {
        using var opened = key.Open();
        if (opened is null || challenge.Length != 32 || Base64.Read(Signature, 256) is not { } signature)
        {
            return false;
        }
        try
        {
            return key.RelyingParty is { } party
                ? IsAssertion(opened, party, challenge, signature)
                : signature.Length == 64 && AuthenticatorData is null && ClientData is null
                    && opened.VerifyData(Plain(challenge), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private bool IsAssertion(ECDsa key, string party, ReadOnlySpan<byte> challenge, byte[] signature)
    {
        if (Base64.Read(AuthenticatorData, BytesMax) is not { Length: >= AuthenticatorDataMin } data || Base64.Read(ClientData, BytesMax) is not { } client)
        {
            return false;
        }
        var isForParty = data.AsSpan(0, 32).SequenceEqual(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(party)));
        var isByPerson = (data[32] & (UserPresent | UserVerified)) == (UserPresent | UserVerified);
        return isForParty && isByPerson && IsOver(client, challenge)
            && key.VerifyData((byte[])[.. data, .. SHA256.HashData(client)], signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static bool IsOver(byte[] client, ReadOnlySpan<byte> challenge)
    {
        try
        {
            var data = JsonSerializer.Deserialize(client, AgentMessagesJson.Default.AssertionClientData);
            return data is { Type: "webauthn.get", CrossOrigin: not true } && data.Challenge == Base64Url.EncodeToString(challenge);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Plain(ReadOnlySpan<byte> challenge) => [.. "suture-approval-v1\0"u8, .. challenge];
}

/// <summary>What of a passkey's client data is looked at.</summary>
public sealed record AssertionClientData
{
    /// <summary><c>webauthn.get</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The challenge, base64url without padding.</summary>
    public required string Challenge { get; init; }

    /// <summary>True when another site's frame asked.</summary>
    public bool? CrossOrigin { get; init; }
}

/// <summary>Base64 with a bound.</summary>
internal static class Base64
{
    /// <summary>The bytes; null when the text is absent, none, or longer than the bound.</summary>
    public static byte[]? Read(string? text, int bytesMax)
    {
        if (text is null || text.Length > (bytesMax + 2) / 3 * 4)
        {
            return null;
        }
        var buffer = new byte[(text.Length + 3) / 4 * 3];
        return Convert.TryFromBase64String(text, buffer, out var written) && written <= bytesMax ? buffer[..written] : null;
    }
}
