using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Scanning;
using Suture.Contracts;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Feeds.Keeping;

namespace Suture.Cli.Commands;

/// <summary><c>scan</c>: what is wrong with one machine, in one shot and without a server.</summary>
internal static class ScanCommand
{
    private const int CodenameCharactersMax = 64;

    private sealed record ScanOptions(string Root, string? Feeds, string? Status, string? Release, string? Kernel, bool IsJson);

    public static Command Create(CliConsole console)
    {
        var root = new Option<string>("--root") { Description = "Root of a mounted system to look at.", DefaultValueFactory = _ => "/" };
        var feeds = new Option<string?>("--feeds") { Description = "Use exactly the feeds in this folder. Without it: the imported feeds and the machine's own package indexes." };
        var status = new Option<string?>("--status") { Description = "Judge a dpkg status file instead of a machine; all its packages are taken for the distribution's own." };
        var release = new Option<string?>("--release") { Description = "Codename for --status, for example bookworm." };
        var kernel = new Option<string?>("--kernel") { Description = "Kernel that runs on the system of --root or --status, as 'uname -r' prints it there; without it no kernel image is judged." };
        var json = SharedOptions.Json();
        var command = new Command("scan", "Find what this machine is vulnerable to, ranked by risk. Changes nothing. Ends with 1 when there are findings, with 3 when nothing could be judged.")
        {
            root, feeds, status, release, kernel, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = Checked(new ScanOptions(
                parsed.GetRequiredValue(root), parsed.GetValue(feeds), parsed.GetValue(status), parsed.GetValue(release), parsed.GetValue(kernel), parsed.GetValue(json)),
                isRootGiven: parsed.GetResult(root) is { Implicit: false });
            return await RunAsync(options, console, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(ScanOptions options, CliConsole console, CancellationToken cancellation)
    {
        var now = console.Time.GetUtcNow();
        var feeds = options.Feeds is { } folder ? FeedCache.Load(folder, StateFolders.Cache(console), now, cancellation) : Imported(console);
        var target = options.Status is { } file
            ? ScanTarget.OfStatusFile(file, options.Release!, options.Kernel)
            : ScanTarget.OfMachine(Path.GetFullPath(options.Root), options.Kernel, StateFolders.Cache(console), console.Time);
        var report = ScanMachine.Report(target, feeds, useOwnIndexes: options.Feeds is null, now);
        if (options.IsJson)
        {
            await JsonOutput.WriteAsync(console.Out, report, ContractsJson.Default.ScanReport);
        }
        else
        {
            ScanText.Write(console, report, target.State);
        }
        if (target.Packages is null)
        {
            throw new CliException(Exit.Failure, $"The packages of '{target.Root}' cannot be read, so nothing was judged: {WhyNoPackages(target.State)}");
        }
        if (ScanMachine.WhyNotJudged(target, feeds.Snapshot, useOwnIndexes: options.Feeds is null) is { } reason)
        {
            throw new CliException(Exit.Failure, $"Nothing was judged: {reason}. Import feeds that cover it ({Launcher.Name} feeds import DIR), or name a folder of them with --feeds.");
        }
        return report.Findings.Count > 0 ? Exit.Findings : Exit.Done;
    }

    private static string WhyNoPackages(MachineState? state) =>
        string.Join("; ", (state?.Failures ?? []).Where(f => f.Collector is "packages" or "root").Select(f => f.Reason));

    // Without imported feeds the machine's own signed indexes are the only feed; the report says what is missing.
    private static ScanFeeds Imported(CliConsole console)
    {
        var opened = new FeedKeep(StateFolders.Feeds(console)).Open();
        return opened.Content is { } snapshot
            ? new ScanFeeds(snapshot, [])
            : new ScanFeeds(new FeedSnapshotBuilder().Build(), [opened.Fault!.Reason]);
    }

    private static ScanOptions Checked(ScanOptions options, bool isRootGiven)
    {
        foreach (var (name, value) in ((string, string?)[])[("--root", options.Root), ("--feeds", options.Feeds), ("--status", options.Status), ("--kernel", options.Kernel)])
        {
            if (value?.Length == 0)
            {
                throw new CliException(Exit.Usage, $"{name} is empty; give a value or leave it out.");
            }
        }
        if (options.Status is null)
        {
            return options.Release is not null ? throw new CliException(Exit.Usage, "--release goes with --status only; a system tells it itself.")
                : options.Kernel is not null && !isRootGiven
                    ? throw new CliException(Exit.Usage, "--kernel goes with --status or with the --root of a mounted system; a running machine tells its kernel itself.")
                : options;
        }
        if (isRootGiven)
        {
            throw new CliException(Exit.Usage, "--root and --status exclude each other; give one of them.");
        }
        if (options.Release is not { Length: > 0 and <= CodenameCharactersMax })
        {
            throw new CliException(Exit.Usage, "--status needs --release with the codename of the distribution's release, for example --release bookworm.");
        }
        return options;
    }
}
