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
    public static TheoryData<string> Engines => StoreFixture.Engines;

    public static TheoryData<string, string> Faults => new()
    {
        { "500", "answered 500" },
        { "304 to no condition", "answered 304" },
        { "refused", "refused" },
        { "announced too large", "announces 5,000 bytes, allowed are 4,000" },
        { "streamed too large", "sent more than the 4,000 bytes allowed" },
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
        Assert.Equal((source.Url.ToString(), 20, "2026-08-18", "\"one\"", server.LastModified), (taken.Url, taken.Records, taken.ContentDay, taken.Etag, taken.LastModified));
        Assert.Equal(1, await world.TakeFeedsChangedAsync());
        await world.Library.RecordProblemAsync(FeedNames.CisaKev, null, "no answer", world.Time.GetUtcNow(), CancellationToken.None);

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
        Assert.Equal((21, null, null), ((await world.StateAsync(FeedNames.CisaKev)).Records, (await world.StateAsync(FeedNames.CisaKev)).Etag, (await world.StateAsync(FeedNames.CisaKev)).LastModified));
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

        await fetcher.FetchAsync(Source(server) with { BytesMax = 4_000 }, CancellationToken.None);

        var state = await world.StateAsync(FeedNames.CisaKev);
        Assert.Contains(message, state.Problem, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(before with { Problem = state.Problem, AttemptedUs = world.Time.GetUtcNow() }, state);
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
        Assert.Contains("the answer holds nothing of this feed", state.Problem, StringComparison.Ordinal);
        Assert.Equal((0, null, Source(server).Url.ToString()), (state.Records, state.SucceededUs, state.Url));
        Assert.Empty(world.Current.Feeds);
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
        await world.Store.WriteAsync(session => session.ExecuteAsync("alter table advisories_feed rename to away"), CancellationToken.None);
        using var client = new HttpClient();
        using var fetcher = new FeedFetcher(
            new FeedHttp(client), world.Library, new FeedOptions { Sources = [Source(server)] }, world.Time, new Bell<FeedFetcher>(LogLevel.Error, failed));

        await fetcher.StartAsync(CancellationToken.None);
        await failed.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        await world.Store.WriteAsync(session => session.ExecuteAsync("alter table away rename to advisories_feed"), CancellationToken.None);
        world.Time.Advance(TimeSpan.FromMinutes(15));
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        await fetcher.StopAsync(CancellationToken.None);

        Assert.True(fetcher.ExecuteTask!.IsCompletedSuccessfully);
    }

    private static FeedSource Source(LoopbackFiles server) => new() { Feed = FeedNames.CisaKev, FileName = KevFile, Url = new Uri(server.Url, "kev") };

    private static async Task BreakAsync(LoopbackFiles server, string fault)
    {
        server.Files["kev"] = fault switch
        {
            "web page" => Text("<html>moved</html>"),
            "half gone" => Kev(9),
            "announced too large" => new byte[5_000],
            "empty" => [],
            _ => Kev(20),
        };
        server.Instead = fault switch
        {
            "500" => Answer(context => context.Response.StatusCode = 500),
            "304 to no condition" => Answer(context => context.Response.StatusCode = 304),
            "streamed too large" => context => context.Response.Body.WriteAsync(new byte[5_000]).AsTask(),
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
