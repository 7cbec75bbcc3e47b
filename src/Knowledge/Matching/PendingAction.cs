using Suture.Contracts.Inventory;

namespace Suture.Knowledge.Matching;

/// <summary>The one action that brings a fix that is on disk into effect.</summary>
/// <remarks>The rule, for the processes that still run old code:
/// 1. <c>restart UNIT...</c> when each of them belongs to a systemd service that may be restarted on its own, or to <c>init.scope</c>: systemd itself,
///    which re-executes in place and keeps every service (systemctl(1), <c>daemon-reexec</c>). The services that may not are the message bus
///    (<c>dbus.service</c>, <c>dbus-broker.service</c>): services hang on its connections and do not come back. Other services of systemd
///    (journald, logind, udevd, resolved ...) keep their state over a restart and may.
/// 2. <c>reboot</c> when one of them belongs to no unit, or to one that is neither (a session's scope, a slice), or to the message bus; and for every kernel.</remarks>
public sealed record PendingAction
{
    private const string RestartWord = "restart ";
    private const string RebootWord = "reboot";
    private const string ServiceSuffix = ".service";
    private const string SystemdItself = "init.scope";

    private PendingAction(IReadOnlyList<string> units) => Units = units;

    /// <summary>A reboot of the machine.</summary>
    public static PendingAction Reboot { get; } = new([]);

    /// <summary>Services to restart, ordered and unique; empty for a reboot.</summary>
    public IReadOnlyList<string> Units { get; }

    /// <summary>True when only a reboot helps.</summary>
    public bool IsReboot => Units.Count == 0;

    /// <summary>The action as it stands in a finding: <c>restart nginx.service php.service</c> or <c>reboot</c>.</summary>
    public string Text => IsReboot ? RebootWord : RestartWord + string.Join(' ', Units);

    /// <summary>The action that ends the given processes' old code.</summary>
    /// <param name="processes">At least one.</param>
    public static PendingAction For(IReadOnlyList<OutdatedProcess> processes)
    {
        ArgumentNullException.ThrowIfNull(processes);
        var units = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var process in processes)
        {
            if ((process.ProcessId == 1 && process.Unit is not SystemdItself) || !IsRestartable(process.Unit))
            {
                return Reboot;
            }
            units.Add(process.Unit!);
        }
        return new PendingAction([.. units]);
    }

    /// <summary>Reads the action of a finding.</summary>
    /// <param name="text">The text, as <see cref="Text"/> writes it.</param>
    /// <returns>Null when it is no action.</returns>
    public static PendingAction? TryParse(string? text)
    {
        if (text == RebootWord)
        {
            return Reboot;
        }
        if (text is null || !text.StartsWith(RestartWord, StringComparison.Ordinal))
        {
            return null;
        }
        var units = text[RestartWord.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return units.Length > 0 && Array.TrueForAll(units, IsRestartable) ? new PendingAction(units) : null;
    }

    /// <summary>True for a unit that may be restarted on its own: a service, or systemd itself.</summary>
    /// <param name="unit">systemd unit; null when the process has none.</param>
    public static bool IsRestartable(string? unit) =>
        unit is SystemdItself
        || (unit is not null && unit.EndsWith(ServiceSuffix, StringComparison.Ordinal) && unit is not ("dbus.service" or "dbus-broker.service" or "init.service"));
}
