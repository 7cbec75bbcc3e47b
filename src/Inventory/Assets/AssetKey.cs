using System.Buffers.Text;
using System.Text;

namespace Suture.Inventory.Assets;

/// <summary>Place in the list of assets: (name, id).</summary>
internal sealed record AssetKey(string Name, Guid Id)
{
    private const int IdBytes = 16;

    /// <summary>Longest text form read.</summary>
    public const int TextLengthMax = 600;

    public string ToText()
    {
        var name = Encoding.UTF8.GetBytes(Name);
        var bytes = new byte[IdBytes + name.Length];
        Id.TryWriteBytes(bytes, bigEndian: true, out _);
        name.CopyTo(bytes, IdBytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a place; null when the text is none of ours.</summary>
    public static AssetKey? Parse(string text)
    {
        if (text.Length > TextLengthMax || !Base64Url.IsValid(text, out var length) || length < IdBytes)
        {
            return null;
        }
        var bytes = Base64Url.DecodeFromChars(text);
        try
        {
            var name = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, IdBytes, bytes.Length - IdBytes);
            return name.Contains('\0', StringComparison.Ordinal) ? null : new AssetKey(name, new Guid(bytes.AsSpan(0, IdBytes), bigEndian: true));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
