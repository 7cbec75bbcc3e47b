using System.CommandLine;
using System.Text.Json;
using Suture.Cli.Approvals;
using Suture.Cli.Rendering;
using Suture.Contracts;
using Suture.Contracts.Approvals;

namespace Suture.Cli.Commands;

/// <summary><c>approvers show|key|draft|sign|apply</c>: whose signatures the agents of a group demand on plans.</summary>
internal static class ApproversCommand
{
    private const int FileBytesMax = 256 * 1024;

    public static Command Create(CliConsole console) => new("approvers", "Approvers whose own signatures the agents of a group demand on plans.")
    {
        Show(console), Key(console), Draft(console), Sign(console), Apply(console),
    };

    private static ServerCommand Show(CliConsole console)
    {
        var group = Group();
        var command = new ServerCommand(console, "show", "Who must sign plans for a group, and how many of its agents demand it.", group);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed, await client.GetAsync(PathOf(parsed.GetRequiredValue(group)), ContractsJson.Default.GroupApprovers, cancellation), ContractsJson.Default.GroupApprovers,
            shown => ApproversText.Write(console, shown)));
    }

    private static Command Key(CliConsole console)
    {
        var file = new Argument<string>("file") { Description = "File to make; the public key goes to FILE.pub." };
        var command = new Command("key", "Make a signing key of your own, on your own machine. The passphrase is read from standard input, or from SUTURE_KEY_PASSPHRASE.") { file };
        command.SetAction(async (parsed, cancellation) =>
        {
            var open = await ApproverKeyFile.CreateAsync(console, parsed.GetRequiredValue(file), cancellation);
            await console.Out.WriteLineAsync($"Made {parsed.GetValue(file)}: keep it. Give {open} to who drafts the set of approvers: {Launcher.Name} approvers draft GROUP --needed N --approver USER={open} --out SET");
            return Exit.Done;
        });
        return command;
    }

    private static ServerCommand Draft(CliConsole console)
    {
        var group = Group();
        var needed = new Option<int>("--needed") { Description = "How many approvers must sign a plan, 1 to 5; 0 gives the demand up.", Required = true };
        var approver = new Option<string[]>("--approver") { Description = "USER=FILE: a user who may approve, and their public key; once for each." };
        var into = new Option<string>("--out") { Description = "File to write the draft to.", Required = true };
        var command = new ServerCommand(console, "draft", "Write down the next set of approvers of a group, to be signed and applied.", group, needed, approver, into);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var name = parsed.GetRequiredValue(group);
            var now = await client.GetAsync(PathOf(name), ContractsJson.Default.GroupApprovers, cancellation);
            var before = now.Set is { } signed ? Read(signed, "the server's set of approvers") : null;
            var set = new ApproverSet
            {
                Group = name, Version = (before?.Version ?? 0) + 1, Needed = parsed.GetRequiredValue(needed), Keys = [.. (parsed.GetValue(approver) ?? []).Select(KeyOf)],
            };
            if (set.Fault() is { } fault)
            {
                throw new CliException(Exit.Usage, $"{fault} Nothing was written.");
            }
            var draft = new SignedApproverSet { Document = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(set, ContractsJson.Default.ApproverSet)) };
            Write(parsed.GetRequiredValue(into), draft);
            return await command.PrintAsync(parsed, draft, ContractsJson.Default.SignedApproverSet, _ =>
            {
                ApproversText.WriteSet(console, set, draft);
                TextLines.Line(console, before is { Needed: > 0 }
                    ? $"\n{before.Needed} of those in force must sign it: {Launcher.Name} approvers sign {parsed.GetValue(into)} --key KEY. Then: {Launcher.Name} approvers apply {parsed.GetValue(into)}"
                    : $"\nIt is the first of the group: {Launcher.Name} approvers apply {parsed.GetValue(into)}");
            });
        });
    }

    private static Command Sign(CliConsole console)
    {
        var file = DraftFile();
        var key = new Option<string>("--key") { Description = "Your signing key.", Required = true };
        var command = new Command("sign", "Show a drafted set of approvers, sign it with your key, and write the signature into the file. Asks no server.") { file, key };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(file);
            var draft = ReadFile(path);
            ApproversText.WriteSet(console, Read(draft, path), draft);
            using var opened = await ApproverKeyFile.OpenAsync(console, parsed.GetRequiredValue(key), cancellation);
            var signature = ApproverSignature.Sign(SignedApproverSet.Challenge(draft.ReadDocument()), opened);
            var signed = draft with { Signatures = [.. draft.Signatures.Where(each => each.KeyId != signature.KeyId), signature] };
            Write(path, signed);
            TextLines.Line(console, $"\nSigned with {signature.KeyId}; it has {TextLines.Count(signed.Signatures.Count, "signature", "signatures")} now. Next: {Launcher.Name} approvers apply {path}");
            return Exit.Done;
        });
        return command;
    }

    private static ServerCommand Apply(CliConsole console)
    {
        var file = DraftFile();
        var command = new ServerCommand(console, "apply", "Put a set of approvers into force. Ends with 1 when signatures are missing.", file);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var draft = ReadFile(parsed.GetRequiredValue(file));
            var set = Read(draft, parsed.GetRequiredValue(file));
            var applied = await client.SendAsync(
                HttpMethod.Put, PathOf(set.Group), draft, ContractsJson.Default.SignedApproverSet, ContractsJson.Default.GroupApprovers, cancellation);
            return await command.PrintAsync(parsed, applied, ContractsJson.Default.GroupApprovers, shown => ApproversText.Write(console, shown));
        });
    }

    /// <summary>What a set says.</summary>
    /// <param name="signed">The set as it travels.</param>
    /// <param name="where">Where it is from, for the error.</param>
    internal static ApproverSet Read(SignedApproverSet signed, string where)
    {
        try
        {
            if (signed.ReadDocument() is { } document && JsonSerializer.Deserialize(document, ContractsJson.Default.ApproverSet) is { } set)
            {
                return set.Fault() is { } fault ? throw new CliException(Exit.Usage, $"{where}: {fault}") : set;
            }
        }
        catch (JsonException)
        {
            // Told below, as any other document that is none.
        }
        throw new CliException(Exit.Usage, $"{where} holds no set of approvers. '{Launcher.Name} approvers draft' writes one.");
    }

    internal static SignedApproverSet ReadFile(string path)
    {
        try
        {
            if (new FileInfo(path).Length <= FileBytesMax && JsonSerializer.Deserialize(File.ReadAllBytes(path), ContractsJson.Default.SignedApproverSet) is { } draft)
            {
                return draft;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException(Exit.Usage, $"{path} cannot be read: {fault.Message}");
        }
        catch (JsonException)
        {
            // Told below.
        }
        throw new CliException(Exit.Usage, $"{path} is no set of approvers. '{Launcher.Name} approvers draft' writes one.");
    }

    private static void Write(string path, SignedApproverSet draft) => File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(draft, ContractsJson.Default.SignedApproverSet));

    private static ApproverKey KeyOf(string text) =>
        text.Split('=', 2) is [{ Length: > 0 } user, { Length: > 0 } path]
            ? ApproverKeyFile.ReadPublic(user, path)
            : throw new CliException(Exit.Usage, $"--approver '{text}' is not USER=FILE, a user and the file of their public key.");

    private static string PathOf(string group) => $"groups/{Uri.EscapeDataString(group)}/approvers";

    private static Argument<string> Group() => new("group") { Description = "Name of the group." };

    private static Argument<string> DraftFile() => new("file") { Description = "File that 'approvers draft' wrote." };
}
