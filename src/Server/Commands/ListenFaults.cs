using System.Net;
using System.Net.Sockets;

namespace Suture.Server.Commands;

/// <summary>Looks whether the two addresses can be listened on before anything is started, so that who cannot is told in a sentence which option to change.</summary>
internal static class ListenFaults
{
    /// <summary>What is wrong; null when both can be listened on now.</summary>
    internal static string? Of(ServerOptions options)
    {
        if (IPAddress.TryParse(options.Agents.Host.Trim('[', ']'), out var agents) && (agents.Equals(IPAddress.Any) || agents.Equals(IPAddress.IPv6Any)))
        {
            return $"--agents is {options.Agents.GetLeftPart(UriPartial.Authority)}, which no agent can reach: endpoints are told this address. Give a name or an address of this "
                + $"machine as they know it, https://HOST:{options.Agents.Port}; with a name the server listens on all its addresses.";
        }
        // Held until the second was tried: they must not be the same.
        var (listen, fault) = Bind("--listen", options.Listen);
        using var api = listen;
        if (fault is not null)
        {
            return fault;
        }
        (var second, fault) = Bind("--agents", options.Agents);
        second?.Dispose();
        return fault;
    }

    private static (Socket? Socket, string? Fault) Bind(string option, Uri address)
    {
        var endpoint = ServerHost.EndPointOf(address);
        Socket? socket = null;
        try
        {
            socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endpoint);
            socket.Listen(1);
            return (socket, null);
        }
        catch (SocketException fault)
        {
            socket?.Dispose();
            return (null, $"{option} is {address.GetLeftPart(UriPartial.Authority)}, which cannot be listened on: {Say(fault, address.Port)}");
        }
    }

    private static string Say(SocketException fault, int port) => fault.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"port {port} is in use. Is another server running? End it, or give another port; --listen and --agents want one each.",
        SocketError.AccessDenied => $"port {port} wants more rights than this user has. Give a port of 1024 or above, or run as root.",
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported => "this machine does not have the address. Give one of its own, or a name.",
        _ => $"{fault.Message}. Give another address.",
    };
}
