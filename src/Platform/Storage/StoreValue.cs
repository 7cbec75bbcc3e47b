using System.Data;
using System.Globalization;

namespace Suture.Platform.Storage;

/// <summary>One value as the store keeps it.</summary>
internal static class StoreValue
{
    /// <summary>The stored form: byte[], string, long or double.</summary>
    /// <param name="name">What it is for, to name in a refusal.</param>
    /// <param name="value">Not null.</param>
    /// <exception cref="UnstorableTextException">Text that not every engine can keep.</exception>
    /// <exception cref="NotSupportedException">A type that has no stored form.</exception>
    internal static object Of(string name, object value) => value switch
    {
        string text => Checked(name, text),
        byte[] bytes => bytes,
        Guid id => id.ToByteArray(bigEndian: true),
        DateTimeOffset instant => instant.ToMicroseconds(),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        bool flag => flag ? 1L : 0L,
        Enum member => Convert.ToInt64(member, CultureInfo.InvariantCulture),
        long or int or short or byte or uint or ushort => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        double or float => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"The value of '{name}' is a {value.GetType()}; the store keeps text, bytes, ids, instants, days, booleans, enums, numbers."),
    };

    /// <summary>The stored form's type.</summary>
    internal static DbType KindOf(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(byte[]) || plain == typeof(Guid) ? DbType.Binary
            : plain == typeof(double) || plain == typeof(float) ? DbType.Double
            : plain == typeof(string) || plain == typeof(DateOnly) ? DbType.String
            : plain == typeof(DateTimeOffset) || plain.IsEnum || plain.IsPrimitive ? DbType.Int64
            : DbType.String;
    }

    private static string Checked(string name, string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var unit = text[i];
            if (unit == '\0')
            {
                throw new UnstorableTextException(name, $"U+0000 at position {i}");
            }
            if (char.IsHighSurrogate(unit) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(unit))
            {
                throw new UnstorableTextException(name, $"half of a surrogate pair (U+{(int)unit:X4}) at position {i}");
            }
        }
        return text;
    }
}
