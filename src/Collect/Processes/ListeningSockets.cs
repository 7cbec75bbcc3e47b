using System.Net;
using Suture.Contracts.Inventory;

namespace Suture.Collect.Processes;

/// <summary>Joins sockets with the machine's own processes.</summary>
internal static class ListeningSockets
{
    /// <summary>Rows for the sockets that own processes hold; processes that share a socket and a name are one row.</summary>
    /// <param name="sockets">Sockets of everybody who shares the network.</param>
    /// <param name="table">Own processes.</param>
    /// <param name="owners">Packages of files.</param>
    /// <returns>Ordered by protocol, port, address, command.</returns>
    public static IReadOnlyList<ListeningSocket> Join(IReadOnlyList<OpenSocket> sockets, ProcessTable table, PathOwners owners)
    {
        var holders = table.Processes.SelectMany(process => process.Sockets.Select(inode => (inode, process))).ToLookup(pair => pair.inode, pair => pair.process);
        var rows = new List<ListeningSocket>();
        foreach (var group in sockets.SelectMany(socket => holders[socket.Inode].Select(process => (socket, process)))
            .GroupBy(pair => (pair.socket.Protocol, Address: pair.socket.Address.ToString(), pair.socket.Port, pair.process.Command)))
        {
            var (socket, first) = group.First();
            rows.Add(new ListeningSocket
            {
                Protocol = socket.Protocol,
                Address = group.Key.Address,
                Port = socket.Port,
                Command = first.Command,
                Package = group.Select(pair => pair.process.Executable is { } executable ? owners.Of(executable) : null).FirstOrDefault(package => package is not null),
                MappedPackages = [.. group.SelectMany(pair => pair.process.Mapped).Select(file => owners.Of(file.Path)).OfType<string>()
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                IsLoopbackOnly = IsLoopback(socket.Address),
            });
        }
        if (rows.Count > CollectLimits.ListeningSockets)
        {
            throw new CollectException($"{rows.Count} sockets listen, at most {CollectLimits.ListeningSockets} are reported.");
        }
        return [.. rows.OrderBy(row => row.Protocol, StringComparer.Ordinal).ThenBy(row => row.Port)
            .ThenBy(row => row.Address, StringComparer.Ordinal).ThenBy(row => row.Command, StringComparer.Ordinal)];
    }

    private static bool IsLoopback(IPAddress address) =>
        IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
