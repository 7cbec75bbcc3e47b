using Suture.Collect.Files;
using Suture.Contracts.Inventory;

namespace Suture.Collect.Host;

/// <summary>Reads whether the machine asks for a reboot.</summary>
internal static class RebootRequests
{
    private const string Marker = "/run/reboot-required";

    /// <summary>Reads <c>/run/reboot-required</c> and the packages that asked.</summary>
    /// <param name="root">The running machine.</param>
    public static RebootRequest Read(MachineRoot root) => new()
    {
        IsRequired = root.Exists(Marker),
        Packages = [.. (root.ReadText(Marker + ".pkgs") ?? "").Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
    };
}
