using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>policy show|check|apply</c>.</summary>
internal static class PolicyCommands
{
    private const int BytesMax = 256 * 1024;

    public static Command Create(CliConsole console) => new("policy", "The policy: which findings on which assets get which treatment.")
    {
        Show(console), Check(console), Apply(console),
    };

    private static ServerCommand Show(CliConsole console)
    {
        var command = new ServerCommand(console, "show", "The policy in force.");
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed, await client.GetAsync("policy", ContractsJson.Default.PolicyDocument, cancellation), ContractsJson.Default.PolicyDocument,
            policy => console.Out.Write(policy.Yaml)));
    }

    private static ServerCommand Check(CliConsole console)
    {
        var file = File();
        var command = new ServerCommand(console, "check", "Name all faults of a policy file, each with line, value and remedy. Ends with 1 when there are any.", file);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var result = await client.SendAsync(
                HttpMethod.Post, "policy/check", await ReadAsync(parsed.GetRequiredValue(file), cancellation), ContractsJson.Default.PolicyDocument,
                ContractsJson.Default.PolicyCheckResult, cancellation);
            await command.PrintAsync(parsed, result, ContractsJson.Default.PolicyCheckResult, check => PolicyText.Write(console, parsed.GetRequiredValue(file), check));
            return result.Faults.Count > 0 ? Exit.Findings : Exit.Done;
        });
    }

    private static ServerCommand Apply(CliConsole console)
    {
        var file = File();
        var command = new ServerCommand(console, "apply", "Put a policy file in force. A faulty one is refused; the policy in force stays.", file);
        return command.Does(async (parsed, client, cancellation) => await command.PrintAsync(
            parsed,
            await client.SendAsync(
                HttpMethod.Put, "policy", await ReadAsync(parsed.GetRequiredValue(file), cancellation), ContractsJson.Default.PolicyDocument,
                ContractsJson.Default.PolicyDocument, cancellation),
            ContractsJson.Default.PolicyDocument, policy => console.Out.WriteLine($"In force: {policy.Digest}")));
    }

    private static Argument<string> File() => new("file") { Description = "Policy file, YAML." };

    private static async Task<PolicyDocument> ReadAsync(string file, CancellationToken cancellation)
    {
        var info = new FileInfo(file);
        if (!info.Exists || info.Length > BytesMax)
        {
            throw new CliException(Exit.Usage, info.Exists ? $"'{file}' has {info.Length} bytes; a policy has at most {BytesMax}." : $"There is no file '{file}'.");
        }
        return new PolicyDocument { Yaml = await System.IO.File.ReadAllTextAsync(file, cancellation) };
    }
}
