using System.Buffers.Binary;

namespace Suture.Knowledge.Feeds.Compiled;

/// <summary>Reads the numbers that <see cref="SnapshotLayout"/> wrote one after the other.</summary>
internal ref struct SnapshotReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public int Number()
    {
        var (value, shift) = (0u, 0);
        while (true)
        {
            var next = _bytes[_at++];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return (int)value;
            }
            shift += 7;
        }
    }

    public DateOnly? Day() => Number() is var day and > 0 ? DateOnly.FromDayNumber(day - 1) : null;

    public double Double()
    {
        var value = BinaryPrimitives.ReadDoubleLittleEndian(_bytes[_at..]);
        _at += sizeof(double);
        return value;
    }

    public byte Byte() => _bytes[_at++];

    public ReadOnlySpan<byte> Bytes(int count)
    {
        var bytes = _bytes.Slice(_at, count);
        _at += count;
        return bytes;
    }
}
