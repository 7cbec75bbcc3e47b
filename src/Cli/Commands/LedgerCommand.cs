using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary><c>ledger</c>: who did what; <c>ledger verify</c>: that it is what was written.</summary>
internal static class LedgerCommand
{
    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var subject = new Option<string?>("--subject") { Description = "Only of this subject, as plan:ID." };
        var action = new Option<string?>("--action") { Description = "Only actions that begin so, as plan." };
        return new ServerCommand(console, "ledger", "Every decision and effect, newest first.", subject, action, limit, LedgerVerifyCommand.Create(console), LedgerVerifyCommand.CreateKey(console)).Lists(
            parsed => Query.Of("ledger", ("subject", parsed.GetValue(subject)), ("action", parsed.GetValue(action))),
            limit, ContractsJson.Default.PageLedgerRow, rows => LedgerText.Write(console, rows));
    }
}
