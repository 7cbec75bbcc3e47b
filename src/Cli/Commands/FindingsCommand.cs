using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;

namespace Suture.Cli.Commands;

/// <summary><c>findings</c>: which asset has which vulnerability through which package.</summary>
internal static class FindingsCommand
{
    public static Command Create(CliConsole console)
    {
        var limit = SharedOptions.Limit();
        var asset = SharedOptions.Asset();
        var status = new Option<string?>("--status") { Description = "Only in this state: affected, pending_effect, unknown." };
        var vulnerability = new Option<string?>("--vulnerability") { Description = "Only of this CVE." };
        var package = new Option<string?>("--package") { Description = "Only through this binary package." };
        var source = new Option<string?>("--source") { Description = "Only through packages of this source." };
        var environment = SharedOptions.Environment();
        var kev = SharedOptions.Kev();
        var critical = SharedOptions.Critical();
        return new ServerCommand(
            console, "findings", "Open findings, highest risk first.", asset, status, vulnerability, package, source, environment, kev, critical, limit).Lists(
            parsed => Query.Of(
                "findings", ("asset", parsed.GetValue(asset)), ("status", parsed.GetValue(status)), ("vulnerability", parsed.GetValue(vulnerability)),
                ("package", parsed.GetValue(package)), ("source", parsed.GetValue(source)), ("environment", parsed.GetValue(environment)),
                ("kev", parsed.GetValue(kev) ? "true" : null), ("critical", parsed.GetValue(critical) ? "true" : null)),
            limit, ContractsJson.Default.PageFinding, rows => FindingsText.Write(console, rows));
    }
}
