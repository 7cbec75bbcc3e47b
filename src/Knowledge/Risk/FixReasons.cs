using System.Globalization;
using Suture.Contracts.Api;
using Suture.Contracts.Inventory;

namespace Suture.Knowledge.Risk;

/// <summary>Says in short texts what the place of a fix in the order rests on. Pure.</summary>
public static class FixReasons
{
    /// <summary>Reasons at the most.</summary>
    public const int ReasonsMax = 5;

    /// <summary>The published signals of a finding, strongest first, then where the network reaches its package.</summary>
    /// <param name="riskiest">The riskiest ranked finding that the fix closes.</param>
    /// <param name="state">State of its machine; null when not known.</param>
    /// <returns>At most <see cref="ReasonsMax"/>, for example <c>in KEV since 2026-08-21</c>, <c>EPSS 99th percentile</c>, <c>listens on 0.0.0.0:443 (nginx)</c>.
    /// Where no signal raises the likelihood, the one that lowers it most. Empty when nothing is known.</returns>
    public static IReadOnlyList<string> Of(Finding riskiest, MachineState? state)
    {
        ArgumentNullException.ThrowIfNull(riskiest);
        var signals = riskiest.Risk?.Reasons.Where(reason => reason.Source is not null).ToList() ?? [];
        var raising = signals.Where(reason => reason.Points > 0).OrderByDescending(reason => reason.Points).ToList();
        var shown = raising.Count > 0 ? raising : signals.OrderBy(reason => reason.Points).Take(1);
        return [.. shown.Select(reason => Claim(reason.Text)).Concat(ListensOn(riskiest.Package, state)).Take(ReasonsMax)];
    }

    // The claim stands first, details follow in parentheses: see RiskReason.Text.
    private static string Claim(string text) => text.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? text[..at] : text;

    private static IEnumerable<string> ListensOn(string package, MachineState? state)
    {
        var sockets = (state?.Listening ?? [])
            .Where(socket => !socket.IsLoopbackOnly && (socket.Package == package || socket.MappedPackages?.Contains(package, StringComparer.Ordinal) == true))
            .DistinctBy(socket => (socket.Address, socket.Port, socket.Command)).ToList();
        if (sockets is [var first, ..])
        {
            var more = sockets.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" and {sockets.Count - 1} more") : "";
            yield return $"listens on {Address(first)} ({first.Command}){more}";
        }
    }

    private static string Address(ListeningSocket socket) => string.Create(
        CultureInfo.InvariantCulture, $"{(socket.Address.Contains(':', StringComparison.Ordinal) ? $"[{socket.Address}]" : socket.Address)}:{socket.Port}");
}
