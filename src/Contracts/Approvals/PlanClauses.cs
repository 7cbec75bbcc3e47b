namespace Suture.Contracts.Approvals;

/// <summary>What an approval of a plan covers beside its changes, in words: for who shows it and for who signs it.</summary>
public static class PlanClauses
{
    /// <summary>One sentence a clause.</summary>
    /// <param name="restartsServices">Whether restarts follow.</param>
    /// <param name="allowsReboot">Whether reboots may follow.</param>
    /// <param name="window">When the changes may run; null for at once.</param>
    public static IReadOnlyList<string> Of(bool restartsServices, bool allowsReboot, PlanWindow? window) =>
    [
        restartsServices
            ? "After the changes, services that still run old code of these fixes are restarted, without asking again."
            : "No service is restarted beyond the changes listed.",
        allowsReboot
            ? "A machine is rebooted when only that puts one of these fixes into effect, without asking again."
            : "No machine is rebooted beyond the changes listed.",
        window is null
            ? "Changes start at once after the approval."
            : $"Changes start only {string.Join(", ", window.Days)} from {window.Start} to {window.End} ({window.Zone}).",
    ];
}
