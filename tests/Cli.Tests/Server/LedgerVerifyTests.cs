using System.Security.Cryptography;
using System.Text.Json;
using Suture.Contracts.Api;
using Suture.Contracts.Ledger;
using Json = Suture.Contracts.ContractsJson;

namespace Suture.Cli.Tests.Server;

/// <summary><c>ledger verify</c> against servers that were tampered with, and with what was kept elsewhere.</summary>
public sealed class LedgerVerifyTests
{
    [Fact]
    public async Task AnAlteredRowIsNamedAndEndsWithOne()
    {
        await using var server = await ServeAsync([SampleLedger.Rows[0] with { Actor = "user:mallory" }, .. SampleLedger.Rows.Skip(1)], SampleLedger.Checkpoints);
        using var cli = new CliRun { Server = server.Address };

        var (exit, output, _) = await cli.RunAsync(["ledger", "verify"]);

        Assert.Equal(1, exit);
        Assert.Contains("NOT whole: 1 fault in 3 rows", output, StringComparison.Ordinal);
        Assert.Contains("altered at position 1: row 1, 'server.first-user' of user:admin", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatAnEndpointKeptProvesThatTheServerCutItsLedger()
    {
        await using var server = await ServeAsync([.. SampleLedger.Rows.Take(2)], SampleLedger.Checkpoints with { Checkpoints = [SampleLedger.Checkpoints.Checkpoints[0]] });
        using var cli = new CliRun { Server = server.Address };
        var kept = cli.Write("kept.jsonl", string.Concat(SampleLedger.Checkpoints.Checkpoints.Select(each => JsonSerializer.Serialize(each, Json.Default.Checkpoint) + "\n")));

        Assert.Equal(0, (await cli.RunAsync(["ledger", "verify"])).Exit);
        var (exit, output, _) = await cli.RunAsync(["ledger", "verify", "--checkpoints", kept]);

        Assert.Equal(1, exit);
        Assert.Contains("cut off at position 3", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatSignsWithAnotherKeyIsFoundByTheKeptOne()
    {
        await using var server = await ServeAsync(SampleLedger.Rows, SampleLedger.Checkpoints);
        using var cli = new CliRun { Server = server.Address };
        using var kept = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        var (exit, output, _) = await cli.RunAsync(["ledger", "verify", "--key", cli.Write("key.pem", kept.ExportSubjectPublicKeyInfoPem())]);

        Assert.Equal(1, exit);
        Assert.Contains("checkpoint not signed", output, StringComparison.Ordinal);
        var (again, whole, _) = await cli.RunAsync(["ledger", "verify", "--key", cli.Write("key.pem", SampleLedger.Key.ExportSubjectPublicKeyInfoPem())]);
        Assert.Equal(0, again);
        Assert.DoesNotContain("server's own word", whole, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheKeyIsPrintedAsPem()
    {
        await using var server = await ServeAsync(SampleLedger.Rows, SampleLedger.Checkpoints);
        using var cli = new CliRun { Server = server.Address };

        Assert.Equal(SampleLedger.Key.ExportSubjectPublicKeyInfoPem() + "\n", (await cli.RunAsync(["ledger", "key"])).Out);
    }

    [Theory]
    [InlineData("--checkpoints", "{\"position\":1}\n", "line 1 is no checkpoint")]
    [InlineData("--key", "-----BEGIN NONSENSE-----\n", "holds no public key in PEM")]
    public async Task AFaultyFileIsNamed(string option, string text, string wanted)
    {
        using var cli = new CliRun { Server = "http://127.0.0.1:9/" };
        var path = cli.Write("given", text);

        var (exit, _, error) = await cli.RunAsync(["ledger", "verify", option, path]);

        Assert.Equal(2, exit);
        Assert.Contains("HOME/given", error, StringComparison.Ordinal);
        Assert.Contains(wanted, error, StringComparison.Ordinal);
    }

    private static async Task<ServerDouble> ServeAsync(IReadOnlyList<SealedRow> rows, LedgerCheckpoints checkpoints) => (await ServerDouble.StartAsync())
        .With("GET ledger/chain", new Page<SealedRow> { Items = rows }, Json.Default.PageSealedRow)
        .With("GET ledger/checkpoints", checkpoints, Json.Default.LedgerCheckpoints);
}
