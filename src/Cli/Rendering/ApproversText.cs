using Suture.Cli.Commands;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;

namespace Suture.Cli.Rendering;

/// <summary>Sets of approvers for people.</summary>
internal static class ApproversText
{
    public static void Write(CliConsole console, GroupApprovers approvers)
    {
        if (approvers.Set is not { } signed)
        {
            TextLines.Paragraph(console, TextLines.Plain($"Group {approvers.Group}: agents demand no signatures of approvers; the server's word is enough for what the policy and approvals allow."));
            TextLines.Line(console, $"Demand some: {Launcher.Name} approvers key FILE, then {Launcher.Name} approvers draft {TextLines.Plain(approvers.Group)} --needed N --approver USER=FILE.pub --out SET");
            return;
        }
        WriteSet(console, ApproversCommand.Read(signed, "The server's set of approvers"), signed);
        TextLines.Paragraph(console, $"\n{TextLines.Count(approvers.Holding, "agent holds", "agents hold")} it, of {TextLines.Count(approvers.Assets, "asset", "assets")}; the others take it with their next poll. 'suture-agent status' shows the digest on the endpoint.");
    }

    public static void WriteSet(CliConsole console, ApproverSet set, SignedApproverSet signed)
    {
        TextLines.Paragraph(console, TextLines.Plain(
            $"Group {set.Group}, version {set.Version}: {(set.Needed == 0 ? "no signatures are demanded any more" : $"a plan needs the signatures of {set.Needed} of these")}"));
        foreach (var key in set.Keys)
        {
            TextLines.Line(console, $"  {TextLines.Plain(key.Holder)}  {key.KeyId}{(key.RelyingParty is { } party ? $"  passkey of {TextLines.Plain(party)}" : "")}");
        }
        TextLines.Line(console, $"digest {Convert.ToHexStringLower(SignedApproverSet.Challenge(signed.ReadDocument()))}");
        if (signed.Signatures.Count > 0)
        {
            TextLines.Line(console, $"signed with {string.Join(", ", signed.Signatures.Select(each => TextLines.Plain(each.KeyId)))}");
        }
    }
}
