using System.Security.Cryptography;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;
using Suture.Contracts.Jobs;

namespace Suture.Cli.Tests.Server;

/// <summary>An approver with a key of their own, and servers that show one plan and want another signed.</summary>
public sealed class TwoKeysTests : IAsyncLifetime
{
    private const string Passphrase = "correct horse battery";

    private readonly CliRun _cli = new();
    private ServerDouble _server = null!;

    private string KeyFile => Path.Combine(_cli.Home, "anna.key");

    public async ValueTask InitializeAsync()
    {
        _server = await ServerDouble.StartAsync();
        _cli.Server = _server.Address;
        var (exit, _, error) = await _cli.RunAsync(["approvers", "key", KeyFile], Passphrase + "\n");
        Assert.True(exit == 0, error);
    }

    public async ValueTask DisposeAsync()
    {
        _cli.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task AKeyIsEncryptedAndItsOwnersAlone_AndNeverOverwritten()
    {
        var pem = await File.ReadAllTextAsync(KeyFile, TestContext.Current.CancellationToken);

        Assert.StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----", pem, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        var (exit, _, error) = await _cli.RunAsync(["approvers", "key", KeyFile], Passphrase + "\n");
        Assert.Equal(2, exit);
        Assert.Contains("is there already", error, StringComparison.Ordinal);
        Assert.Equal(2, (await _cli.RunAsync(["approvers", "key", KeyFile + "2"], "short\n")).Exit);
        Assert.False(File.Exists(KeyFile + "2"));
    }

    [Fact]
    public async Task ASetIsDraftedSignedAndApplied()
    {
        var draft = Path.Combine(_cli.Home, "set.json");
        _server.With("GET groups/web/approvers", new GroupApprovers { Group = "web", Assets = 3, Holding = 0 }, ContractsJson.Default.GroupApprovers);

        var drafted = await _cli.RunAsync(["approvers", "draft", "web", "--needed", "1", "--approver", $"anna={KeyFile}.pub", "--out", draft]);
        var signed = await _cli.RunAsync(["approvers", "sign", draft, "--key", KeyFile], Passphrase + "\n");

        Assert.True((0, 0) == (drafted.Exit, signed.Exit), drafted.Error + signed.Error);
        Assert.Contains("Group web, version 1: a plan needs the signatures of 1 of these", signed.Out, StringComparison.Ordinal);
        var set = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(draft, TestContext.Current.CancellationToken), ContractsJson.Default.SignedApproverSet)!;
        var read = JsonSerializer.Deserialize(set.ReadDocument(), ContractsJson.Default.ApproverSet)!;
        Assert.Equal(1, ApproverSignature.CountHolders(set.Signatures, SignedApproverSet.Challenge(set.ReadDocument()), read));
        _server.With("PUT groups/web/approvers", new GroupApprovers { Group = "web", Set = set, Digest = "d", Assets = 3, Holding = 1 }, ContractsJson.Default.GroupApprovers);
        var applied = await _cli.RunAsync(["approvers", "apply", draft]);
        Assert.True(applied.Exit == 0, applied.Error);
        Assert.Contains("1 agent holds it, of 3 assets", applied.Out, StringComparison.Ordinal);
        Assert.StartsWith("PUT groups/web/approvers {\"document\":", _server.Asked[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task APrivateKeyIsNotPutIntoASet()
    {
        _server.With("GET groups/web/approvers", new GroupApprovers { Group = "web", Assets = 0, Holding = 0 }, ContractsJson.Default.GroupApprovers);

        var (exit, _, error) = await _cli.RunAsync(["approvers", "draft", "web", "--needed", "1", "--approver", $"anna={KeyFile}", "--out", Path.Combine(_cli.Home, "set.json")]);

        Assert.Equal(2, exit);
        Assert.Contains("holds a private key", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnApprovalIsSignedOverWhatIsShown()
    {
        var detail = Waiting();
        _server.With($"GET plans/{Sample.Plan}", detail, ContractsJson.Default.PlanDetail).With($"POST plans/{Sample.Plan}/approve", detail, ContractsJson.Default.PlanDetail);

        var (exit, output, error) = await _cli.RunAsync(["plan", "approve", $"{Sample.Plan}", "--key", KeyFile], Passphrase + "\n");

        Assert.True(exit == 0, error);
        Assert.Contains("libssl3", output, StringComparison.Ordinal);
        Assert.Contains("web: 0 of 2 signed; anna, bert may sign", output, StringComparison.Ordinal);
        var sent = JsonSerializer.Deserialize(_server.Asked[^1][$"POST plans/{Sample.Plan}/approve ".Length..], ContractsJson.Default.PlanDecisionRequest)!;
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(KeyFile + ".pub", TestContext.Current.CancellationToken));
        var own = new ApproverKey { Holder = "anna", PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) };
        Assert.True(sent.Signature!.IsBy(own, Convert.FromHexString(detail.Plan.Hash)));
    }

    public static TheoryData<string> Lies => ["another hash", "other changes", "fewer changes", "another plan", "other clauses", "nothing to sign"];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task NothingIsSignedForAServerThatLies(string lie)
    {
        var (honest, evil) = (Waiting(), Waiting("evil"));
        var told = lie switch
        {
            "another hash" => honest with { Plan = evil.Plan },
            "other changes" => honest with { ToSign = honest.ToSign! with { Changes = evil.ToSign!.Changes } },
            "fewer changes" => honest with { ToSign = honest.ToSign! with { Changes = [] } },
            "another plan" => Waiting(plan: Guid.Empty),
            "other clauses" => honest with { ToSign = honest.ToSign! with { Head = Waiting(reboots: "allowed").ToSign!.Head } },
            _ => honest with { ToSign = null },
        };
        _server.With($"GET plans/{Sample.Plan}", told, ContractsJson.Default.PlanDetail);

        var (exit, _, error) = await _cli.RunAsync(["plan", "approve", $"{Sample.Plan}", "--key", KeyFile], Passphrase + "\n");

        Assert.True(exit == 3, error);
        Assert.Equal([$"GET plans/{Sample.Plan}"], _server.Asked);
    }

    [Theory]
    [InlineData("wrong passphrase\n", "Is the passphrase right?")]
    [InlineData("", "Nothing came on standard input")]
    public async Task AKeyThatCannotBeOpenedSignsNothing(string input, string told)
    {
        _server.With($"GET plans/{Sample.Plan}", Waiting(), ContractsJson.Default.PlanDetail);

        var (exit, _, error) = await _cli.RunAsync(["plan", "approve", $"{Sample.Plan}", "--key", KeyFile], input);

        Assert.Equal(2, exit);
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.Equal([$"GET plans/{Sample.Plan}"], _server.Asked);
    }

    private static PlanDetail Waiting(string package = "libssl3", Guid? plan = null, string reboots = "never")
    {
        var change = Sample.PlanDetail.Changes[0] with
        {
            Packages = [new JobPackage { Name = package, Architecture = "amd64", Version = "2", MinimumVersion = "2", Sha256 = Sample.Hash }],
        };
        var changes = JsonSerializer.SerializeToUtf8Bytes(new AssetChanges { Asset = change.Asset, Changes = [change] }, ContractsJson.Default.AssetChanges);
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new PlanHead
            {
                Plan = plan ?? Sample.Plan, Author = "policy", Rule = "r", PolicyDigest = "d", Restarts = "services", Reboots = reboots, Assets = [ApprovedPlan.Digest(changes)],
            },
            ContractsJson.Default.PlanHead);
        return Sample.PlanDetail with
        {
            Plan = Sample.PlanRow with { Hash = ApprovedPlan.Digest(head), State = PlanState.WaitingApproval },
            Signatures = [new SignatureDemand { Group = "web", Needed = 2, Holders = ["anna", "bert"], SignedBy = [] }],
            ToSign = new ApprovedPlan { Head = Convert.ToBase64String(head), Changes = [Convert.ToBase64String(changes)] },
        };
    }
}
