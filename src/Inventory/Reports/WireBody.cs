using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Suture.Inventory.Certificates;

namespace Suture.Inventory.Reports;

internal enum WireOutcome
{
    Whole = 1,
    TooLarge = 2,
    OtherOnItsWay = 3,
}

/// <summary>A body as it travelled, in a rented buffer, with the agent's one place for a large message while it is one.</summary>
internal sealed class WireBody(HttpContext context) : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    private byte[] _buffer = [];
    private bool _isLarge;

    /// <summary>Bytes that came.</summary>
    public int Length { get; private set; }

    /// <summary>True when they are gzip.</summary>
    public bool IsPacked { get; set; }

    /// <summary>Reads all of it.</summary>
    public async Task<WireOutcome> ReadAsync(int most, CancellationToken cancellation)
    {
        var body = context.Request.Body;
        while (true)
        {
            if (Length == _buffer.Length)
            {
                // One byte more than allowed has room, so that it is seen.
                Grow(Math.Min(Math.Max(FirstBytes, _buffer.Length * 2), most + 1));
            }
            var read = await body.ReadAsync(_buffer.AsMemory(Length), cancellation);
            if (read == 0)
            {
                return WireOutcome.Whole;
            }
            Length += read;
            if (Length > most)
            {
                return WireOutcome.TooLarge;
            }
            if (Length >= InventoryLimits.LargeWireBytes && !TryBecomeLarge())
            {
                return WireOutcome.OtherOnItsWay;
            }
        }
    }

    /// <summary>Takes the agent's one place for a large message, once.</summary>
    /// <returns>False when another message of it has the place.</returns>
    public bool TryBecomeLarge() => _isLarge || context.Features.Get<AgentConnection>()?.Share is not { } share || (_isLarge = share.TryBeginLarge());

    /// <summary>The bytes, unpacked while they are read.</summary>
    public Stream Open()
    {
        var bytes = new MemoryStream(_buffer, 0, Length, writable: false);
        return IsPacked ? new GZipStream(bytes, CompressionMode.Decompress) : bytes;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
        if (_isLarge)
        {
            _isLarge = false;
            context.Features.Get<AgentConnection>()?.Share?.EndLarge();
        }
    }

    private void Grow(int bytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent(bytes);
        _buffer.AsSpan(0, Length).CopyTo(larger);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
        _buffer = larger;
    }
}
