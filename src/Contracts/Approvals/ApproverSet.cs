using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Suture.Contracts.Approvals;

/// <summary>Who must have signed a plan before an endpoint of a group carries it out. Written by people, handed on by the server, checked by each agent itself.</summary>
/// <remarks>An agent takes its first set when it joins (or when the first is made for its group), and from then on only one that enough of those it knows have signed.
/// So nobody who holds the server can put keys of their own in their place.</remarks>
public sealed record ApproverSet
{
    /// <summary>Most keys of a set.</summary>
    public const int KeysMax = 50;

    /// <summary>Most signatures that a set can want.</summary>
    public const int NeededMax = 5;

    /// <summary>1.</summary>
    public int Schema { get; set; } = 1;

    /// <summary>Group of assets, by name.</summary>
    public required string Group { get; init; }

    /// <summary>Counts the sets of the group, from 1; an agent never goes back.</summary>
    public required int Version { get; init; }

    /// <summary>How many holders must have signed a plan, 1 to <see cref="NeededMax"/>; 0 when those of the set before gave up their demand.</summary>
    public required int Needed { get; init; }

    /// <summary>Keys that count, at most <see cref="KeysMax"/>; two of one holder count once.</summary>
    public required IReadOnlyList<ApproverKey> Keys { get; init => field = ListOf.Whole(value); }

    /// <summary>What is wrong with the set; null when nothing is.</summary>
    public string? Fault()
    {
        var holders = Keys.Select(key => key.Holder).Distinct(StringComparer.Ordinal).Count();
        return this switch
        {
            { Schema: not 1 } => $"Its schema is {Schema}, wanted 1.",
            { Group.Length: 0 or > 100 } => $"The group's name has {Group.Length} characters, wanted 1 to 100.",
            { Version: < 1 } => $"Its version is {Version}, wanted 1 or more.",
            { Keys.Count: > KeysMax } => $"It has {Keys.Count} keys, wanted at most {KeysMax}.",
            { Needed: < 0 or > NeededMax } => $"It wants {Needed} signatures, wanted 0 to {NeededMax}.",
            _ when Needed > holders => $"It wants {Needed} signatures of {holders} holders: nobody could ever approve.",
            _ when Keys.DistinctBy(key => key.KeyId).Count() != Keys.Count => "A key is named twice.",
            _ => Keys.Select(key => key.Fault()).FirstOrDefault(fault => fault is not null),
        };
    }
}

/// <summary>A key that an approver signs plans with, on a machine of their own or in a passkey.</summary>
public sealed record ApproverKey
{
    /// <summary>Hex digits of a key's id.</summary>
    public const int IdLength = 32;

    /// <summary>User who holds it.</summary>
    public required string Holder { get; init; }

    /// <summary>SubjectPublicKeyInfo of an ECDSA P-256 key, DER in base64.</summary>
    public required string PublicKey { get; init; }

    /// <summary>Relying party of a passkey, <c>suture.example.org</c>; null for a plain key. A passkey signs for no other.</summary>
    public string? RelyingParty { get; init; }

    /// <summary>First 32 hex digits of the SHA-256 of the public key; empty when that is no base64.</summary>
    [JsonIgnore]
    public string KeyId => ReadPublicKey() is { } subject ? IdOf(subject) : "";

    /// <summary>The id of a public key.</summary>
    /// <param name="subject">SubjectPublicKeyInfo, DER.</param>
    public static string IdOf(ReadOnlySpan<byte> subject) => Convert.ToHexStringLower(SHA256.HashData(subject))[..IdLength];

    /// <summary>What is wrong with the key; null when nothing is.</summary>
    public string? Fault()
    {
        if (Holder.Length is 0 or > 100 || RelyingParty?.Length is 0 or > 253)
        {
            return $"The holder '{Holder}' or the relying party of a key is out of bounds.";
        }
        using var key = Open();
        return key is null ? $"The key of {Holder} is no ECDSA P-256 public key in base64." : null;
    }

    /// <summary>The key, to verify with; null when it is none of P-256.</summary>
    public ECDsa? Open()
    {
        if (ReadPublicKey() is not { } subject)
        {
            return null;
        }
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(subject, out var read);
            if (read == subject.Length && key.KeySize == 256)
            {
                return key;
            }
        }
        catch (Exception fault) when (fault is CryptographicException or PlatformNotSupportedException) // the latter for a curve that is not known here
        {
            // No key of this kind: nobody's signature can be checked with it.
        }
        key.Dispose();
        return null;
    }

    private byte[]? ReadPublicKey() => Base64.Read(PublicKey, 512);
}

/// <summary>An approver set as it travels: the exact bytes, and who of the set before it signed them.</summary>
public sealed record SignedApproverSet
{
    /// <summary>Most bytes of a document.</summary>
    public const int DocumentBytesMax = 32 * 1024;

    /// <summary>UTF-8 JSON of an <see cref="ApproverSet"/>, base64.</summary>
    public required string Document { get; init; }

    /// <summary>Signatures over <see cref="Challenge"/>; the first set of a group needs none.</summary>
    public IReadOnlyList<ApproverSignature> Signatures { get; set => field = ListOf.Whole(value); } = [];

    /// <summary>What is signed: SHA-256 over the ASCII bytes <c>suture-approvers-v1</c>, one zero byte, and the document.</summary>
    /// <param name="document">The document's bytes.</param>
    public static byte[] Challenge(ReadOnlySpan<byte> document) => SHA256.HashData([.. "suture-approvers-v1\0"u8, .. document]);

    /// <summary>The document's bytes; null when they are out of bounds.</summary>
    public byte[]? ReadDocument() => Base64.Read(Document, DocumentBytesMax);
}
