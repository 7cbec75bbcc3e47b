using System.Globalization;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Tests.Server;

/// <summary>What each command that asks a server prints, byte for byte, in any culture.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private ServerDouble _server = null!;

    public static TheoryData<string, string, int> Pages => new()
    {
        { "fixes", "fixes --unknown", 1 }, { "fixes-first", "fixes --limit 1", 1 }, { "fixes-show", "fixes show openssl", 0 },
        { "fixes-assign", "fixes assign openssl --team web", 0 }, { "fixes-comment", "fixes comment openssl soon", 0 },
        { "findings", "findings --limit 4", 0 }, { "explain", "explain CVE-2026-0001 web1", 0 }, { "assets", "assets", 0 }, { "assets-show", "assets show web1", 0 },
        { "assets-set", "assets set web1 --criticality 4 --group lab", 0 }, { "assets-report", "assets report web1", 0 }, { "assets-retire", "assets retire web1", 0 }, { "assets-release", "assets release web1", 0 },
        { "assets-revoke", "assets revoke web1", 0 }, { "invite", "invite --environment staging", 0 },
        { "plan-list", "plan list", 0 }, { "plan-show", $"plan show {Sample.Plan}", 0 }, { "plan-ended", $"plan show {Sample.EndedRow.Id}", 0 }, { "plan-request", "plan request openssl", 0 },
        { "plan-approve", $"plan approve {Sample.Plan}", 0 }, { "plan-reject", $"plan reject {Sample.Plan} --reason no", 0 },
        { "plan-withdraw", $"plan withdraw {Sample.Plan} --reason late", 0 }, { "plan-withdraw-rest", $"plan withdraw {Sample.EndedRow.Id} --reason late", 0 }, { "jobs", "jobs", 0 },
        { "status", "status", 0 }, { "compliance", "compliance", 0 }, { "episodes", "episodes", 0 }, { "ledger", "ledger", 0 }, { "ledger-verify", "ledger verify", 0 }, { "work", "work", 0 }, { "work-retry", $"work retry {Sample.Work}", 0 },
        { "policy-show", "policy show", 0 }, { "users", "users", 0 }, { "users-add", "users add anna --role analyst --group web", 0 }, { "users-set", "users set anna --role Analyst --role approver", 0 },
        { "users-disable", "users disable anna", 0 }, { "users-code", "users code anna", 0 }, { "groups", "groups", 0 }, { "groups-add", "groups add web", 0 },
        { "tokens", "tokens", 0 }, { "tokens-create", "tokens create grafana --role viewer --days 7", 0 }, { "tokens-revoke", $"tokens revoke {Sample.Work}", 0 }, { "whoami", "whoami", 0 },
        { "feeds-status", "feeds status", 1 },
    };

    public async ValueTask InitializeAsync() => _server = await SampleServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Run_ForPeople_PrintsThePage(string name, string line, int wanted)
    {
        CultureInfo.CurrentCulture = OtherCulture();
        var text = "";
        foreach (var width in (int[])[80, 100, 160])
        {
            using var cli = new CliRun { Width = width, Server = _server.Address };

            var (exit, output, error) = await cli.RunAsync(line.Split(' '));

            Assert.True((wanted, "") == (exit, error), $"exit {exit}: {error}");
            Assert.All(output.Split('\n'), shown => Assert.False(shown.EndsWith(' ') || shown.Contains('\u001b', StringComparison.Ordinal), $"'{shown}'"));
            Assert.All(output.Split('\n'), shown => Assert.True(shown.Length <= width || IsToBeCopied(shown), $"{shown.Length} > {width}: {shown}"));
            text += $"{new string('=', width)}\n{output}";
        }
        Golden.AssertSame($"server/{name}.txt", text);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Run_ForPrograms_PrintsOneJsonValueAndNothingElse(string name, string line, int wanted)
    {
        using var cli = new CliRun { Server = _server.Address };

        var (exit, output, error) = await cli.RunAsync([.. line.Split(' '), "--json"]);

        Assert.True((wanted, "") == (exit, error), $"{name}: exit {exit}: {error}");
        using var value = JsonDocument.Parse(output);
        Assert.Equal(JsonValueKind.Object, value.RootElement.ValueKind);
    }

    [Fact]
    public async Task Fixes_AllAlike_SaysOnceWhatAllHaveInCommon()
    {
        _server.With("GET fixes", Sample.ObservedFixes, ContractsJson.Default.PageFixRow)
            .With("GET feeds", new Page<FeedRow> { Items = [Sample.Feeds.Items[2]] }, ContractsJson.Default.PageFeedRow);
        using var cli = new CliRun { Server = _server.Address };

        var (exit, output, _) = await cli.RunAsync(["fixes", "--limit", "5"]);

        Assert.Equal(1, exit);
        Golden.AssertSame("server/fixes-observed.txt", output);
    }

    [Fact]
    public async Task SignIn_SaysUntilWhenAndWhatIsNext()
    {
        using var cli = new CliRun { Server = _server.Address };

        Assert.Equal((0, "Signed in as anna until 2026-08-24 22:00Z. Next: ./suture fixes\n", ""), await cli.RunAsync(["sign-in", "--user", "anna"]));
    }

    [Fact]
    public async Task Fixes_None_SaysSo()
    {
        _server.With("GET fixes", new Page<FixRow> { Items = [], Total = 0 }, ContractsJson.Default.PageFixRow);
        using var cli = new CliRun { Server = _server.Address };

        Assert.Equal((0, "No fix is open.\n", ""), await cli.RunAsync(["fixes"]));
    }

    // A culture with everything that must not show: InvariantGlobalization knows no real one.
    private static CultureInfo OtherCulture()
    {
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NegativeSign, other.DateTimeFormat.DateSeparator, other.DateTimeFormat.TimeSeparator) = (",", "~", ".", ".");
        return other;
    }

    // Keys, hashes and commands are not broken.
    private static bool IsToBeCopied(string line) =>
        line.Contains(Launcher.Name, StringComparison.Ordinal) || line.Contains(" --", StringComparison.Ordinal) || !line.Trim().Contains(' ', StringComparison.Ordinal) || line.StartsWith("hash ", StringComparison.Ordinal);
}
