using System.Net;
using System.Net.Sockets;

namespace Suture.Platform.Identity;

/// <summary>Whom tries without a name are counted for.</summary>
public static class CallerAddress
{
    /// <summary>Key of an address: IPv6 by its /64, since one holder has all of that.</summary>
    /// <param name="address">Where the call came from; null when that is not known, which is one holder too.</param>
    /// <returns>Text that is equal for addresses of one holder: <c>address:192.0.2.7</c>.</returns>
    public static string KeyOf(IPAddress? address)
    {
        if (address is null)
        {
            return "address:unknown";
        }
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.AddressFamily == AddressFamily.InterNetworkV6
            ? $"address:{Convert.ToHexString(plain.GetAddressBytes().AsSpan(0, 8))}"
            : $"address:{plain}";
    }
}
