namespace Suture.Cli.Tests.Server;

/// <summary>What each command asks of the server.</summary>
public sealed class RequestTests : IAsyncLifetime
{
    private ServerDouble _server = null!;

    private static string Key => Uri.EscapeDataString(Sample.OpensslKey);

    public static TheoryData<string, string[]> Requests => new()
    {
        { "fixes --environment staging --state blocked --source openssl --kev --critical --json --limit 7", ["GET fixes?environment=staging&state=blocked&source=openssl&kev=true&critical=true&limit=7"] },
        { $"fixes show {Sample.OpensslKey}", [$"GET fixes/{Key}", "GET findings?source=openssl&limit=500"] },
        { $"fixes assign {Sample.OpensslKey} --person bert", [$"GET fixes/{Key}", $$"""PUT fixes/{{Key}}/assignment {"team":"web","person":"bert"}"""] },
        { $"fixes assign {Sample.OpensslKey} --nobody", [$"GET fixes/{Key}", $"PUT fixes/{Key}/assignment {{}}"] },
        { $"fixes comment {Sample.OpensslKey} soon", [$$"""POST fixes/{{Key}}/comments {"text":"soon"}"""] },
        { "findings --asset web1 --package libssl3 --status unknown --limit 1", ["GET findings?asset=web1&status=unknown&package=libssl3&limit=1"] },
        { "plan list --state waiting_approval --asset web1", ["GET assets?limit=500", $"GET plans?state=waiting_approval&asset={Sample.Web}&limit=40"] },
        { $"plan request {Sample.OpensslKey} --asset {Sample.Web}", [$"GET assets/{Sample.Web}", $$"""POST plans {"fix":"{{Sample.OpensslKey}}","assets":["{{Sample.Web}}"]}"""] },
        { $"plan approve {Sample.Plan} --hash abc", [$$"""POST plans/{{Sample.Plan}}/approve {"hash":"abc"}"""] },
        { $"plan approve {Sample.Plan} --json", [$"GET plans/{Sample.Plan}", $$"""POST plans/{{Sample.Plan}}/approve {"hash":"{{Sample.Hash}}"}"""] },
        { $"jobs --state failed --plan {Sample.Plan}", [$"GET jobs?state=failed&plan={Sample.Plan}&limit=40"] },
        { "assets set web1 --environment test --internet-facing no", ["GET assets?limit=500", $$"""PUT assets/{{Sample.Web}}/context {"key":"environment","value":"test"}""", $$"""PUT assets/{{Sample.Web}}/context {"key":"internet-facing","value":"no"}"""] },
        { "assets revoke web1", ["GET assets?limit=500", $"DELETE assets/{Sample.Web}/certificate"] },
        { "episodes --closed --asset web1", ["GET episodes?asset=web1&open=false&limit=40", "GET assets?limit=500"] },
        { "compliance --days 30", ["GET compliance?windowDays=30", "GET compliance/assets?limit=500"] },
        { "ledger --action plan", ["GET ledger?action=plan&limit=40"] },
        { "ledger verify", ["GET ledger/checkpoints", "GET ledger/chain?limit=500"] }, { "ledger key", ["GET ledger/checkpoints"] },
        { "users add anna --role analyst --role viewer", ["""POST users {"name":"anna","roles":["analyst","viewer"]}"""] },
        { "users set anna --role admin --group a --group b", ["""PUT users/anna {"roles":["admin"],"groups":["a","b"]}"""] },
        { "tokens --user anna", ["GET tokens?user=anna&limit=40"] },
        { "feeds status", ["GET feeds"] },
    };

    public async ValueTask InitializeAsync() => _server = await SampleServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Run_WithArguments_AsksForThat(string line, string[] asked)
    {
        using var cli = new CliRun { Server = _server.Address };

        var (exit, _, error) = await cli.RunAsync(line.Split(' '));

        Assert.True(exit is 0 or 1, error);
        Assert.Equal(asked, _server.Asked);
    }

    [Theory]
    [InlineData("fixes assign openssl", "Give --team, --person or both")]
    [InlineData("fixes assign openssl --team web --nobody", "or --nobody alone")]
    [InlineData("assets set web1", "give at least one of --environment, --group")]
    [InlineData("episodes --open --closed", "exclude each other")]
    [InlineData("users add anna", "--role")]
    [InlineData("fixes --limit 0", "wanted is 1 to 10000")]
    public async Task Run_WrongUse_AsksNothingAndSaysWhatIsWanted(string line, string text)
    {
        using var cli = new CliRun { Server = _server.Address };

        var (exit, output, error) = await cli.RunAsync(line.Split(' '));

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(text, error);
        Assert.Empty(_server.Asked);
    }

    [Fact]
    public async Task SignOut_EndsTheKeptSessionOnTheServerToo()
    {
        using var cli = new CliRun { Server = _server.Address };
        await cli.RunAsync(["sign-in", "--user", "anna"]);
        _server.Asked.Clear();

        Assert.Equal((0, "Signed out.\n", ""), await cli.RunAsync(["sign-out"]));
        Assert.Equal((0, "Nobody is signed in here.\n", ""), await cli.RunAsync(["sign-out"]));

        Assert.Equal(["POST auth/sign-out"], _server.Asked);
    }

    [Fact]
    public async Task SignOut_ServerDoesNotKnowTheSessionAnyMore_IsSignedOut()
    {
        using var cli = new CliRun { Server = _server.Address };
        await cli.RunAsync(["sign-in", "--user", "anna"]);
        _server.With("POST auth/sign-out", new Contracts.Api.Problem { Title = "No" }, Contracts.ContractsJson.Default.Problem, 401);

        Assert.Equal((0, "Signed out.\n", ""), await cli.RunAsync(["sign-out"]));
    }

    [Fact]
    public async Task SignOut_ServerIsAway_ForgetsTheSessionAndSaysSo()
    {
        using var cli = new CliRun { Server = _server.Address };
        await cli.RunAsync(["sign-in", "--user", "anna"]);
        await _server.DisposeAsync();

        var (exit, _, error) = await cli.RunAsync(["sign-out"]);

        Assert.Equal(3, exit);
        Assert.Contains("forgotten here, and it could not be ended on the server", error);
        Assert.Equal("Nobody is signed in here.\n", (await cli.RunAsync(["sign-out"])).Out);
    }

    [Fact]
    public async Task Run_ServerNamesARoute_TellsThePersonTheCommand()
    {
        _server.With($"GET plans/{Sample.Work}", new Contracts.Api.Problem { Title = "No such plan", Detail = "List plans with GET /api/v1/plans." }, Contracts.ContractsJson.Default.Problem, 404);
        using var cli = new CliRun { Server = _server.Address };

        Assert.Equal((3, "", "suture: No such plan. List plans with ./suture plan list.\n"), await cli.RunAsync(["plan", "show", Sample.Work.ToString()]));
    }

    [Fact]
    public async Task Fixes_SourceWithSeveralFixes_NamesTheirKeys()
    {
        _server.With("GET fixes?source=openssl", new Contracts.Api.Page<Contracts.Api.FixRow> { Items = [Sample.Openssl, Sample.Openssl with { Key = "trixie/openssl/3.5.1-1" }], Total = 2 }, Contracts.ContractsJson.Default.PageFixRow);
        using var cli = new CliRun { Server = _server.Address };

        var (exit, _, error) = await cli.RunAsync(["fixes", "show", "openssl"]);

        Assert.Equal((2, "suture: 'openssl' has 2 fixes; give one's key: bookworm/openssl/3.0.17-1~deb12u2, trixie/openssl/3.5.1-1.\n"), (exit, error));
    }
}
