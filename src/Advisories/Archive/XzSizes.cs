namespace Suture.Advisories.Archive;

/// <summary>Looks an xz file over before it is unpacked, and refuses what states larger tables or windows than xz itself makes: the unpacking library makes them as they are stated, and anew wherever
/// they are stated, so that a few bytes would cost megabytes each.</summary>
/// <remarks>Sources: the .xz file format 1.1.0 (sections 2 to 4), and LZMA2 as xz-embedded describes it: a chunk's first byte is 0 for the end, 1 or 2 for bytes that are not packed, from 0x80 on for packed ones,
/// from 0xC0 on with a byte that states the tables (<c>(pb * 5 + lp) * 9 + lc</c>). Nothing is unpacked here; the position is put back.</remarks>
internal sealed class XzSizes
{
    /// <summary>The window of <c>xz -9</c>, 64 MiB, as the format writes it.</summary>
    private const int WindowMax = 28;

    /// <summary>Most of lc and lp together that LZMA2 allows.</summary>
    private const int TablesMax = 4;

    private const int HeaderChecksumBytes = 4;
    private const int FooterBytes = 12;
    private const int Lzma2 = 0x21;

    private static ReadOnlySpan<byte> Magic => [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    private static ReadOnlySpan<byte> CheckBytes => [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

    private readonly MemoryStream _packed;

    private XzSizes(MemoryStream packed) => _packed = packed;

    /// <summary>Looks it over from its start.</summary>
    /// <exception cref="InvalidDataException">It states too much, or is no whole xz file.</exception>
    public static void Check(MemoryStream packed)
    {
        var start = packed.Position;
        var sizes = new XzSizes(packed);
        do
        {
            sizes.TakeStream();
        }
        while (HasMore(packed));
        packed.Position = start;
    }

    private void TakeStream()
    {
        foreach (var expected in Magic)
        {
            Require(Next() == expected, "it is no xz file");
        }
        Skip(1);
        var checkBytes = CheckBytes[Next() & 0x0f];
        Skip(HeaderChecksumBytes);
        for (int size; (size = Next()) != 0;)
        {
            TakeBlock(size, checkBytes);
        }
        TakeIndex();
        Skip(FooterBytes);
    }

    private void TakeBlock(int size, int checkBytes)
    {
        var end = _packed.Position - 1 + ((size + 1) * 4);
        var flags = Next();
        for (var stated = ((flags >> 6) & 1) + ((flags >> 7) & 1); stated > 0; stated--)
        {
            Number();
        }
        var last = 0L;
        for (var filters = (flags & 3) + 1; filters > 0; filters--)
        {
            last = Number();
            var properties = Number();
            if (last == Lzma2 && properties == 1 && Next() is var window)
            {
                Require(window <= WindowMax, "it states a window of more than 64 MiB");
            }
            else
            {
                Skip(properties);
            }
        }
        Require(last == Lzma2 && _packed.Position <= end, "its blocks are not packed by LZMA2");
        _packed.Position = end;
        TakeChunks();
        Align(end);
        Skip(checkBytes);
    }

    private void TakeChunks()
    {
        for (int control; (control = Next()) != 0;)
        {
            if (control < 0x80)
            {
                Require(control <= 2, "a chunk is of no known kind");
                Skip((Next() << 8) + Next() + 1);
                continue;
            }
            Skip(2);
            var bytes = (Next() << 8) + Next() + 1;
            if (control >= 0xc0)
            {
                var tables = Next();
                Require(tables < 9 * 5 * 5 && (tables % 9) + (tables / 9 % 5) <= TablesMax, "it states larger tables than LZMA2 has");
            }
            Skip(bytes);
        }
    }

    private void TakeIndex()
    {
        var start = _packed.Position - 1;
        for (var records = Number(); records > 0; records--)
        {
            Number();
            Number();
        }
        Align(start);
        Skip(4);
    }

    /// <summary>Whether another stream follows the one that ended; streams may be padded by zero bytes.</summary>
    internal static bool HasMore(MemoryStream packed)
    {
        for (int next; (next = packed.ReadByte()) >= 0;)
        {
            if (next != 0)
            {
                packed.Position--;
                return true;
            }
        }
        return false;
    }

    private void Align(long start) => Skip((4 - ((_packed.Position - start) & 3)) & 3);

    private long Number()
    {
        var (value, shift) = (0L, 0);
        int next;
        do
        {
            next = Next();
            Require(shift < 63, "a number is too long");
            value |= (long)(next & 0x7f) << shift;
            shift += 7;
        }
        while (next >= 0x80);
        return value;
    }

    private int Next() => _packed.ReadByte() is >= 0 and var next ? next : throw Damaged("it is cut off");

    private void Skip(long bytes)
    {
        Require(bytes <= _packed.Length - _packed.Position, "it is cut off");
        _packed.Position += bytes;
    }

    private static InvalidDataException Damaged(string fault) => new($"the packed bytes are damaged ({fault})");

    private static void Require(bool holds, string fault)
    {
        if (!holds)
        {
            throw Damaged(fault);
        }
    }
}
