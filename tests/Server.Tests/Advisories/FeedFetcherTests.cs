using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Suture.Advisories.Fetching;
using Suture.Knowledge.Feeds;
using Suture.Tests;
using static Suture.Server.Tests.Advisories.GivenFeeds;

namespace Suture.Server.Tests.Advisories;

public sealed class FeedFetcherTests(StoreFixture stores)
{
    private const int TooMany = FeedLimits.KevCsvBytesMax + 1;

    public static TheoryData<string> Engines => StoreFixture.Engines;

    public static TheoryData<string, string> Faults => new()
    {
        { "500", "answered 500" },
        { "304 to no condition", "answered 304" },
        { "refused", "refused" },
        { "announced too large", $"announces {TooMany:N0} bytes, allowed are {FeedLimits.KevCsvBytesMax:N0}" },
        { "streamed too large", $"sent more than the {FeedLimits.KevCsvBytesMax:N0} bytes allowed" },
        { "never ends", "did not answer whole within 0.3 s" },
        { "connection lost", " " },
        { "web page", $"{FeedNames.CisaKev}: {KevFile}, line 1: it is a web page" },
        { "half gone", "it has 9 records and the content in force has 20" },
        { "empty", "it is empty" },
    };

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Fetch_ContentThenUnchanged_AsksWithTheValidatorsOfWhatIsInForce(string engine)
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, engine);
        await using var server = await LoopbackFiles.StartAsync();
        (server.Files["kev"], server.ETag, server.LastModified) = (Kev(20), "\"one\"", "Tue, 18 Aug 2026 07:00:00 GMT");
        var source = Source(server);

        await world.Fetcher.FetchAsync(source, CancellationToken.None);
        var (digest, taken) = (world.Digest, await world.StateAsync(FeedNames.CisaKev));
        Assert.Equal((source.Url.ToString(), 20, "2026-08-18"), (taken.Url, taken.Records, taken.ContentDay));
        Assert.Equal(new FeedValidator("\"one\"", server.LastModified), await world.Library.FindValidatorAsync(source, CancellationToken.None));
        Assert.Equal(1, await world.TakeFeedsChangedAsync());
        await world.Library.RecordProblemAsync(source, "no answer", CancellationToken.None);
        Assert.Equal("no answer", (await world.StateAsync(FeedNames.CisaKev)).Problem);

        world.Time.Advance(TimeSpan.FromMinutes(15));
        await world.Fetcher.FetchAsync(source, CancellationToken.None);
        Assert.Equal(taken with { AttemptedUs = world.Time.GetUtcNow(), SucceededUs = world.Time.GetUtcNow() }, await world.StateAsync(FeedNames.CisaKev));
        server.ETag = null;
        await world.Fetcher.FetchAsync(source, CancellationToken.None);
        Assert.Equal([200, 304, 304], server.Asked.Select(asked => asked.Status));
        Assert.Equal(digest, world.Digest);
        Assert.Equal(0, await world.TakeFeedsChangedAsync());

        server.LastModified = null;
        server.Files["kev"] = Kev(21);
        await world.Fetcher.FetchAsync(source, CancellationToken.None);
        Assert.Equal(21, (await world.StateAsync(FeedNames.CisaKev)).Records);
        Assert.Equal(FeedValidator.None, await world.Library.FindValidatorAsync(source, CancellationToken.None));
        Assert.Equal(1, await world.TakeFeedsChangedAsync());
    }

    [Fact]
    public async Task Fetch_ContentImportedByHandSince_AsksForTheWhole()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        (server.Files["kev"], server.ETag) = (Kev(20), "\"one\"");
        await world.Fetcher.FetchAsync(Source(server), CancellationToken.None);
        await world.ImportAsync((KevFile, Kev(25)));

        await world.Fetcher.FetchAsync(Source(server), CancellationToken.None);

        Assert.Equal([200, 200], server.Asked.Select(asked => asked.Status));
        Assert.Equal(20, (await world.StateAsync(FeedNames.CisaKev)).Records);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Fetch_NothingGoodComes_KeepsTheLastKnownGoodAndSaysWhy(string fault, string message)
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        await world.ImportAsync((KevFile, Kev(20)));
        await world.TakeFeedsChangedAsync();
        var (digest, before) = (world.Digest, await world.StateAsync(FeedNames.CisaKev));
        await BreakAsync(server, fault);
        world.Time.Advance(TimeSpan.FromMinutes(15));
        using var client = new HttpClient { Timeout = fault == "never ends" ? TimeSpan.FromSeconds(0.3) : TimeSpan.FromMinutes(1) };
        using var fetcher = new FeedFetcher(new FeedHttp(client), world.Library, new FeedOptions(), world.Time, NullLogger<FeedFetcher>.Instance);

        await fetcher.FetchAsync(Source(server), CancellationToken.None);

        var state = await world.StateAsync(FeedNames.CisaKev);
        Assert.Contains(message, state.Problem, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before with { Problem = state.Problem, AttemptedUs = world.Time.GetUtcNow(), Url = Source(server).Url.ToString() }, state);
        // Content that came and was refused is another thing than no content.
        Assert.Equal(fault is "500" or "304 to no condition" or "refused" or "never ends" or "connection lost", state.IsUnreachable);
        Assert.Equal(digest, world.Digest);
        Assert.Equal(0, await world.TakeFeedsChangedAsync());
    }

    [Fact]
    public async Task Fetch_AnswerOfAnotherFeed_IsNamedUnderTheFeedThatWasAskedFor()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        server.Files["kev"] = AdvisoryList("DLA", 20);

        await world.Fetcher.FetchAsync(Source(server) with { Feed = FeedNames.DebianDsa, FileName = DsaFile }, CancellationToken.None);

        var state = await world.StateAsync(FeedNames.DebianDsa);
        Assert.Contains("does not belong into the list of debian-dsa", state.Problem, StringComparison.Ordinal);
        Assert.Equal((0, null, Source(server).Url.ToString()), (state.Records, state.SucceededUs, state.Url));
        Assert.Empty(world.Current.Feeds);
    }

    [Fact]
    public async Task Fetch_PreparedAdvisoriesOfTheOtherKindOnly_SaysThatNothingOfTheFeedCame()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        server.Files["kev"] = Text("""{"id":"DLA-1-1","date":"2026-08-18","cves":[],"fixes":[]}""");

        await world.Fetcher.FetchAsync(Source(server) with { Feed = FeedNames.DebianDsa, FileName = "debian-advisories.jsonl" }, CancellationToken.None);

        Assert.Contains("the answer holds nothing of this feed", (await world.StateAsync(FeedNames.DebianDsa)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_KeptFileDamagedOnTheDisk_AsksForTheWholeAndMends()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        (server.Files["kev"], server.ETag) = (Kev(20), "\"one\"");
        await world.Fetcher.FetchAsync(Source(server), CancellationToken.None);
        await File.WriteAllTextAsync(world.KeptPath(FeedNames.CisaKev, "catalogue"), "");

        await world.Fetcher.FetchAsync(Source(server), CancellationToken.None);

        Assert.Equal([200, 200], server.Asked.Select(asked => asked.Status));
        Assert.Null((await world.StateAsync(FeedNames.CisaKev)).Problem);
    }

    [Fact]
    public async Task Fetch_TwoSourcesOfOneFeed_EachSpeaksForItself()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        var (templates, modules) = (OfExploits(server, "nuclei.txt"), OfExploits(server, "patchthisapp.csv"));
        (server.Files["nuclei.txt"], server.Files["patchthisapp.csv"]) = (Templates(40), Modules(40));
        await world.Fetcher.FetchAsync(templates, CancellationToken.None);
        await world.Fetcher.FetchAsync(modules, CancellationToken.None);

        server.Files["nuclei.txt"] = Templates(19);
        server.Files["patchthisapp.csv"] = Modules(41);
        await world.Fetcher.FetchAsync(templates, CancellationToken.None);
        await world.Fetcher.FetchAsync(modules, CancellationToken.None);

        var state = await world.StateAsync(FeedNames.ExploitEvidence);
        Assert.Equal($"{modules.Url} {templates.Url}", state.Url);
        Assert.StartsWith("exploit-evidence: nuclei.txt: it has 19 records and the content in force has 40", state.Problem, StringComparison.Ordinal);
        Assert.Equal([2, 2, 1], new[] { "0001", "0040", "0041" }.Select(number => world.Current.Find("CVE-2026-" + number).Exploits.Count));
    }

    [Fact]
    public async Task Load_SourceThatIsAskedNoMore_IsForgottenWithItsProblem()
    {
        var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        await world.Fetcher.FetchAsync(Source(server), CancellationToken.None);
        Assert.Contains("answered 404", (await world.StateAsync(FeedNames.CisaKev)).Problem, StringComparison.Ordinal);

        await using var restarted = await world.RestartAsync();

        Assert.Null(await restarted.Library.FindStateAsync(FeedNames.CisaKev, CancellationToken.None));
    }

    [Fact]
    public async Task Run_StoreIsAwayForAWhile_GoesOnAtTheNextTurn()
    {
        await using var world = await AdvisoriesWorld.StartAsync(stores, "sqlite");
        await using var server = await LoopbackFiles.StartAsync();
        var (failed, asked) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Instead = context =>
        {
            asked.TrySetResult();
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await world.Store.WriteAsync(session => session.ExecuteAsync("alter table advisories_source rename to away"), CancellationToken.None);
        using var client = new HttpClient();
        using var fetcher = new FeedFetcher(
            new FeedHttp(client), world.Library, new FeedOptions { Sources = [Source(server)] }, world.Time, new Bell<FeedFetcher>(LogLevel.Error, failed));

        await fetcher.StartAsync(CancellationToken.None);
        await failed.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        await world.Store.WriteAsync(session => session.ExecuteAsync("alter table away rename to advisories_source"), CancellationToken.None);
        world.Time.Advance(TimeSpan.FromMinutes(15));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        await fetcher.StopAsync(CancellationToken.None);

        Assert.True(fetcher.ExecuteTask!.IsCompletedSuccessfully);
    }

    private static FeedSource OfExploits(LoopbackFiles server, string file) => new() { Feed = FeedNames.ExploitEvidence, FileName = file, Url = new Uri(server.Url, file) };

    private static FeedSource Source(LoopbackFiles server) => new() { Feed = FeedNames.CisaKev, FileName = KevFile, Url = new Uri(server.Url, "kev") };

    private static async Task BreakAsync(LoopbackFiles server, string fault)
    {
        server.Files["kev"] = fault switch
        {
            "web page" => Text("<html>moved</html>"),
            "half gone" => Kev(9),
            "announced too large" => new byte[TooMany],
            "empty" => [],
            _ => Kev(20),
        };
        server.Instead = fault switch
        {
            "500" => Answer(context => context.Response.StatusCode = 500),
            "304 to no condition" => Answer(context => context.Response.StatusCode = 304),
            "streamed too large" => context => context.Response.Body.WriteAsync(new byte[TooMany]).AsTask(),
            "never ends" => async context =>
            {
                await context.Response.Body.WriteAsync(new byte[10]);
                await context.Response.Body.FlushAsync();
                var left = new TaskCompletionSource();
                using var abort = context.RequestAborted.Register(left.SetResult);
                await left.Task;
            },
            "connection lost" => async context =>
            {
                context.Response.ContentLength = 1_000;
                await context.Response.Body.WriteAsync(new byte[10]);
                await context.Response.Body.FlushAsync();
                context.Abort();
            },
            _ => null,
        };
        if (fault == "refused")
        {
            await server.StopAsync();
        }
    }

    private static RequestDelegate Answer(Action<HttpContext> answer) => context =>
    {
        answer(context);
        return Task.CompletedTask;
    };

    /// <summary>Rings when something of a level is logged.</summary>
    private sealed class Bell<T>(LogLevel at, TaskCompletionSource rung) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == at)
            {
                rung.TrySetResult();
            }
        }
    }
}
