using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Suture.Bench.Loop;

namespace Suture.Bench.Hostile;

/// <summary>An answer as it came.</summary>
internal sealed record RawAnswer
{
    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>Content-Type; null for none.</summary>
    public string? ContentType { get; init; }

    /// <summary>Retry-After; null for none.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>Body.</summary>
    public required byte[] Body { get; init; }

    /// <summary>True when no other request may follow on the connection.</summary>
    public required bool IsLast { get; init; }
}

/// <summary>One connection of the hostile agent: HTTP/1.1 by hand over mutual TLS. Blocks, so that it lives on a thread of its own priority. Not safe for use by two at once.</summary>
internal sealed class RawConnection : IDisposable
{
    private const int HeadBytesMax = 32 * 1024;

    // A body up to this length goes out before its answer is read; a longer one beside it, for a refusal comes before its end.
    private const int WholeBytesMax = 16 * 1024;

    private readonly TcpClient _tcp;
    private readonly SslStream _stream;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _from;
    private int _to;

    private RawConnection(TcpClient tcp, SslStream stream) => (_tcp, _stream) = (tcp, stream);

    /// <summary>Connects.</summary>
    /// <param name="server">The agents' port.</param>
    /// <param name="joined">Whose certificate is shown.</param>
    /// <exception cref="IOException">It is not let in.</exception>
    public static RawConnection Open(Uri server, Joined joined)
    {
        var tcp = new TcpClient { NoDelay = true, ReceiveTimeout = (int)HostileLimits.AnswerWait.TotalMilliseconds, SendTimeout = (int)HostileLimits.AnswerWait.TotalMilliseconds };
        try
        {
            tcp.Connect(server.Host, server.Port);
            var stream = new SslStream(tcp.GetStream());
            stream.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = server.Host,
                CertificateChainPolicy = AgentConnection.Trust(joined.Authority),
                ClientCertificateContext = SslStreamCertificateContext.Create(joined.Identity, null, offline: true),
            });
            return new RawConnection(tcp, stream);
        }
        catch (Exception fault)
        {
            tcp.Dispose();
            throw fault is SocketException ? new IOException(fault.Message, fault) : fault;
        }
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="request">Its bytes.</param>
    /// <exception cref="IOException">The connection ended without an answer.</exception>
    public RawAnswer Exchange(byte[] request)
    {
        if (request.Length <= WholeBytesMax)
        {
            Write(request);
            return Read();
        }
        var writing = _stream.WriteAsync(request).AsTask();
        var answer = Read();
        return writing.IsCompletedSuccessfully ? answer : answer with { IsLast = true };
    }

    /// <summary>Writes bytes; several requests may follow one another.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Reads the next answer.</summary>
    /// <exception cref="IOException">The connection ended without one.</exception>
    public RawAnswer Read()
    {
        var status = int.Parse(Line().Split(' ')[1], CultureInfo.InvariantCulture);
        string? type = null, retry = null;
        var (length, isChunked, isLast) = (0, false, false);
        while (Line() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var value = line[(colon + 1)..].Trim();
            switch (line[..colon].ToLowerInvariant())
            {
                case "content-type": type = value; break;
                case "retry-after": retry = value; break;
                case "content-length": length = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "transfer-encoding": isChunked = true; break;
                case "connection": isLast = value.Equals("close", StringComparison.OrdinalIgnoreCase); break;
                default: break;
            }
        }
        return new RawAnswer { Status = status, ContentType = type, RetryAfter = retry, Body = isChunked ? Chunks() : Bytes(length), IsLast = isLast };
    }

    public void Dispose()
    {
        _tcp.Dispose();
        _stream.Dispose();
    }

    private byte[] Chunks()
    {
        using var body = new MemoryStream();
        while (int.Parse(Line(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var length)
        {
            body.Write(Bytes(length));
            Line();
        }
        Line();
        return body.ToArray();
    }

    private byte[] Bytes(int length)
    {
        if (length > LoopLimits.AnswerBytesMax)
        {
            throw new IOException($"An answer has {length} bytes.");
        }
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            Fill();
            var part = Math.Min(length - at, _to - _from);
            _buffer.AsSpan(_from, part).CopyTo(bytes.AsSpan(at));
            (_from, at) = (_from + part, at + part);
        }
        return bytes;
    }

    private string Line()
    {
        var line = new StringBuilder();
        while (line.Length < HeadBytesMax)
        {
            Fill();
            var rest = _buffer.AsSpan(_from, _to - _from);
            var end = rest.IndexOf((byte)'\n');
            line.Append(Encoding.ASCII.GetString(end < 0 ? rest : rest[..end]));
            _from += end < 0 ? rest.Length : end + 1;
            if (end >= 0)
            {
                return line.ToString().TrimEnd('\r');
            }
        }
        throw new IOException("A line of an answer's head is too long.");
    }

    private void Fill()
    {
        if (_from < _to)
        {
            return;
        }
        (_from, _to) = (0, _stream.Read(_buffer));
        if (_to == 0)
        {
            throw new IOException("The connection ended without an answer.");
        }
    }
}
