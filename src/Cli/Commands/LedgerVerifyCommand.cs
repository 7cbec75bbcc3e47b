using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Suture.Cli.Ledger;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Ledger;

namespace Suture.Cli.Commands;

/// <summary><c>ledger verify</c>: reads all of the ledger and proves that it is what was sealed. <c>ledger key</c>: the key to prove it with.</summary>
internal static class LedgerVerifyCommand
{
    /// <summary>Largest file of checkpoints, and of a key.</summary>
    private const long FileBytesMax = 64 * 1024 * 1024;

    private const string PageLimit = "500";

    public static Command Create(CliConsole console)
    {
        var files = new Option<string[]>("--checkpoints")
        {
            Description = "File of checkpoints that were kept elsewhere, as 'suture-agent checkpoints' prints them on an endpoint; may be given more than once.", AllowMultipleArgumentsPerToken = true,
        };
        var keyFile = new Option<string?>("--key") { Description = "File with the public key that signs checkpoints, kept from 'ledger key'. Without it the key is the server's own word." };
        var command = new ServerCommand(console, "verify", "Read the whole ledger, work out its chain again, and compare it with the signed checkpoints. Exits with 1 when it is not whole.", files, keyFile);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var kept = (parsed.GetValue(files) ?? []).SelectMany(ReadCheckpoints).ToList();
            var given = parsed.GetValue(keyFile) is { } path ? ReadKey(path) : null;
            var server = await client.GetAsync("ledger/checkpoints", ContractsJson.Default.LedgerCheckpoints, cancellation);
            var keys = given is null ? server.Keys.ToDictionary(key => key.Key, key => Import(key.Value)) : new Dictionary<string, ECDsa> { [Checkpoint.KeyIdOf(given)] = given };
            var verifier = new LedgerVerifier(server.Checkpoints.Concat(kept), keys);
            await ReadChainAsync(client, verifier, cancellation);
            var verdict = verifier.End() with { Unsealed = server.Unsealed, OldestUnsealedUtc = server.OldestUnsealedUtc, IsKeyGiven = given is not null };
            await command.PrintAsync(parsed, verdict, CliJson.Default.LedgerVerdict, shown => LedgerVerdictText.Write(console, shown));
            return verdict.IsWhole ? Exit.Done : Exit.Findings;
        });
    }

    public static Command CreateKey(CliConsole console)
    {
        var command = new ServerCommand(console, "key", "Print the public key that signs checkpoints, to keep where the server cannot change it.");
        return command.Does(async (parsed, client, cancellation) =>
        {
            var keys = (await client.GetAsync("ledger/checkpoints", ContractsJson.Default.LedgerCheckpoints, cancellation)).Keys;
            return await command.PrintAsync(parsed, new LedgerKeys { Keys = keys }, CliJson.Default.LedgerKeys, shown =>
            {
                foreach (var key in shown.Keys.Values)
                {
                    TextLines.Line(console, Import(key).ExportSubjectPublicKeyInfoPem());
                }
            });
        });
    }

    private static async Task ReadChainAsync(ApiClient client, LedgerVerifier verifier, CancellationToken cancellation)
    {
        string? after = null;
        do
        {
            var page = await client.GetAsync(Query.Of("ledger/chain", ("limit", PageLimit), ("after", after)), ContractsJson.Default.PageSealedRow, cancellation);
            foreach (var row in page.Items)
            {
                verifier.Add(row);
            }
            after = page.Next;
        }
        while (after is not null);
    }

    internal static IEnumerable<Checkpoint> ReadCheckpoints(string path)
    {
        var number = 0;
        foreach (var line in ReadText(path).Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Parse(path, number, line);
            }
        }
    }

    private static Checkpoint Parse(string path, int number, string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ContractsJson.Default.Checkpoint) ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new CliException(
                Exit.Usage, string.Create(CultureInfo.InvariantCulture, $"{path}, line {number} is no checkpoint ({fault.Message}). Wanted is what 'suture-agent checkpoints' prints, one JSON object a line."));
        }
    }

    private static ECDsa ReadKey(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(ReadText(path));
            return key;
        }
        catch (Exception fault) when (fault is ArgumentException or CryptographicException or PlatformNotSupportedException)
        {
            key.Dispose();
            throw new CliException(Exit.Usage, $"{path} holds no public key in PEM ({fault.Message}). Wanted is what '{Launcher.Name} ledger key' prints.");
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return new FileInfo(path).Length <= FileBytesMax ? File.ReadAllText(path) : throw new IOException($"it has more than {FileBytesMax} bytes");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CliException(Exit.Usage, $"The file {path} cannot be read: {fault.Message}");
        }
    }

    private static ECDsa Import(string subjectPublicKeyInfo)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(subjectPublicKeyInfo), out _);
            return key;
        }
        catch (Exception fault) when (fault is FormatException or CryptographicException or PlatformNotSupportedException)
        {
            key.Dispose();
            throw new CliException(Exit.Failure, $"The server's key for checkpoints cannot be understood: {fault.Message}");
        }
    }
}

/// <summary>What <c>ledger key --json</c> prints.</summary>
internal sealed record LedgerKeys
{
    /// <summary>Base64 of the SubjectPublicKeyInfo, by id.</summary>
    public required IReadOnlyDictionary<string, string> Keys { get; init; }
}
