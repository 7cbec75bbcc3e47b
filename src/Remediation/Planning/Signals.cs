using Suture.Contracts.Api;

namespace Suture.Remediation.Planning;

/// <summary>What a finding's reasons say of its vulnerability.</summary>
internal static class Signals
{
    /// <summary>True when the vulnerability is in CISA's catalogue.</summary>
    public static bool InKev(Finding finding) => finding.Risk?.Reasons.Any(reason => reason.Signal == "kev" && reason.Points > 0) == true;

    /// <summary>True when the finding names no CVE, or nothing is known of the one it names (glossary: unrated).</summary>
    public static bool HasNone(Finding finding) =>
        finding.IsUnrated || finding.Risk is null || !finding.Risk.Reasons.Any(reason => reason.Source is not null);
}
