using System.Globalization;
using System.Text;
using Suture.Contracts.Inventory;
using Suture.Contracts.Jobs;
using static Suture.Bench.Hostile.HostileBodies;

namespace Suture.Bench.Hostile;

/// <summary>The attacks. Each message is sent plain and packed where that makes sense.</summary>
internal static class Attacks
{
    private const int TenMegabytes = 10_000_000;
    private const int Deep = 100_000;
    private const int Million = 1_000_000;
    private const int FloodConnections = 8;
    private const int FloodPipelined = 16;
    private const string Boot = "boot-1";

    // What a refusal says of a body that is too large as it travels, and of one that is too large when it is unpacked: whichever of its faults comes first.
    private const string Larger = "larger";
    private const string Unpack = "unpack";
    private const string AsUnpacked = "unpack|has more than|nested too deeply";

    /// <summary>All of them, in the order in which they are run.</summary>
    public static IReadOnlyList<Attack> All { get; } =
    [
        new() { Name = "other ids", Messages = OtherIds, HasJobs = true },
        new() { Name = "replays", Messages = Replays },
        new() { Name = "10 MB strings", Messages = LongStrings },
        new() { Name = "a million packages", Messages = ManyPackages },
        new() { Name = "invalid UTF-8", Messages = InvalidUtf8 },
        new() { Name = "U+0000", Messages = Nul },
        new() { Name = "100,000-deep JSON", Messages = DeepJson },
        new() { Name = "duplicate keys", Messages = DuplicateKeys },
        new() { Name = "gzip bombs", Messages = Bombs },
        new() { Name = "clocks ten years off", Messages = Clocks },
        new() { Name = "lying results", Messages = Lies, HasJobs = true },
        new() { Name = "50 connections", Messages = DuplicateKeys, Connections = 50 },
        new() { Name = "flood, valid and repeated", Messages = context => [Flood(context)], Connections = FloodConnections, Pipelined = FloodPipelined },
        new() { Name = "flood, garbage", Messages = _ => [Garbage()], Connections = FloodConnections, Pipelined = FloodPipelined },
        new() { Name = "flood, polls", Messages = _ => [PollFlood()], Connections = FloodConnections, Pipelined = FloodPipelined },
    ];

    private static IReadOnlyList<HostileMessage> OtherIds(HostileContext context)
    {
        var (other, job) = (context.Others[0], context.OtherJob);
        var report = Small(context, 1);
        return
        [
            .. Both("report with the boot of another", "report", Json(report with { BootId = context.OtherBoot }), [200]),
            .. Both("report after another's job", "report", Json(report with { Sequence = 2, BootId = context.OtherBoot, AfterJob = job }), [200]),
            .. Both("report that names another asset", "report", WithMore(report with { Sequence = 3, BootId = context.OtherBoot }, $"\"assetId\":\"{other}\",\"asset\":\"{other}\""), [200]),
            .. Both("poll as at work on another's job", "poll", Json(Poll(context.OtherBoot) with { Working = [job] }), [200]),
            .. Both("result of another's job", "result", Json(Result(job, context.NowUtc)), [404], "not known for the asset"),
            .. Both("result of no job", "result", Json(Result(Guid.CreateVersion7(context.NowUtc), context.NowUtc)), [404], "not known for the asset"),
            new() { Name = "renewal in another's name", Request = Plain("renew", Renew(other.ToString())), Statuses = [200], Check = answer => IsCertificateOf(answer, context.Joined.Asset) },
        ];
    }

    private static IReadOnlyList<HostileMessage> Replays(HostileContext context)
    {
        var first = Small(context, 1);
        return
        [
            .. Both("the first report", "report", Json(first), [200]),
            .. Both("the next", "report", Json(first with { Sequence = 2 }), [200]),
            .. Both("another's report as it was sent", "report", Json(first with { BootId = context.OtherBoot, HostName = "honest-001" }), [200]),
            .. Both("a number used twice", "report", Json(Small(context, 2) with { StateDigest = new string('0', 64), State = null }), [200]),
            .. Both("a poll", "poll", Json(Poll(Boot)), [200, 403], "quarantined"),
            .. Both("a result", "result", Json(Result(Guid.CreateVersion7(context.NowUtc), context.NowUtc)), [403, 404]),
            new() { Name = "a renewal", Request = Plain("renew", Renew("again")), Statuses = [200, 403], Reason = "quarantined" },
        ];
    }

    private static IReadOnlyList<HostileMessage> LongStrings(HostileContext context)
    {
        var text = $"\"{new string('a', TenMegabytes)}\"";
        var mixed = $"\"{Chance(TenMegabytes, 16)}\"";
        var report = Small(context, 1);
        return
        [
            .. Large("hostName of 10 MB", "report", With(report, "hostName", text)),
            // Packs so badly that it is within the ratio.
            new() { Name = "hostName of 10 MB that is unpacked", Request = Plain("report", With(report, "hostName", $"\"{Chance(TenMegabytes, 4)}\"")).Packed(), Statuses = [400], Reason = "has more than" },
            new() { Name = "hostName of 10 MB of unknown length", Request = Plain("report", With(report, "hostName", mixed)) with { IsChunked = true }, Statuses = [413], Reason = Larger },
            .. Both("unknown member of 3 MB", "report", WithMore(report, $"\"x\":\"{Chance(3_000_000, 16)}\""), [400], "has more than"),
            .. Large("bootId of 10 MB", "poll", With(Poll(Boot), "bootId", text)),
            .. Both("bootId of 60 KB", "poll", With(Poll(Boot), "bootId", $"\"{new string('a', 60_000)}\""), [400], "bootId"),
            .. Large("detail of 10 MB", "result", With(Result(context.Joined.Asset, context.NowUtc) with { Detail = "x" }, "detail", text)),
            .. Both("detail of 3,000", "result", Json(Result(context.Joined.Asset, context.NowUtc) with { Detail = new string('a', 3_000) }), [400], "detail"),
            .. Large("certificateRequest of 10 MB", "renew", Utf8($"{{\"certificateRequest\":{text}}}")),
            .. Both("certificateRequest of 10 KB", "renew", Utf8($"{{\"certificateRequest\":\"{new string('a', 10_000)}\"}}"), [400], "certificateRequest"),
        ];
    }

    private static IReadOnlyList<HostileMessage> ManyPackages(HostileContext context)
    {
        var report = Small(context, 1) with { SoftwareDigest = new string('0', 64) };
        const string package = "{\"name\":\"a\",\"version\":\"1\",\"architecture\":\"a\",\"source\":\"a\",\"sourceVersion\":\"1\",\"origin\":\"distribution\",\"originBasis\":\"observed\"}";
        var junk = $"\"x\":[{string.Join(',', Enumerable.Range(0, 4).Select(_ => $"\"{Chance(50_000, 16)}\""))}]";
        var many = string.Join(',', Enumerable.Range(0, 110_000).Select(number => string.Create(CultureInfo.InvariantCulture, $"{package[..9]}p{(number * 7919) % 1_000_003}{package[10..]}")));
        return
        [
            // The small ones first: the others use up what an agent may send.
            .. Both("a million jobs at work", "poll", With(Poll(Boot) with { Working = [context.Joined.Asset] }, "working", $"[{Times("1", 20_000)}]"), [400], "members"),
            .. Both("20,000 changes", "result", With(Result(context.Joined.Asset, context.NowUtc), "changes", $"[{Times("null", 20_000)}]"), [400], "members"),
            .. Large("a million packages", "report", WithMore(report, $"\"software\":[{Times(package, Million)}]")),
            .. Large("a million empty ones", "report", WithMore(report, $"\"software\":[{Times("null", Million)}]")),
            // Packs so badly that it is within the ratio.
            new() { Name = "a million empty ones that are unpacked", Request = Plain("report", WithMore(report, $"{junk},\"software\":[{Times("null", Million)}]")).Packed(), Statuses = [400], Reason = "200000 members" },
            new() { Name = "110,000 packages out of order", Request = Plain("report", WithMore(report, $"{junk},\"software\":[{many}]")).Packed(), Statuses = [400], Reason = "ordered by name" },
        ];
    }

    private static IReadOnlyList<HostileMessage> InvalidUtf8(HostileContext context)
    {
        byte[][] wrong = [[0xff], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], Utf8("\\ud800"), Utf8("\\udc00\\ud800")];
        var (report, result) = (Small(context, 1), Result(context.Joined.Asset, context.NowUtc) with { Detail = "x" });
        return
        [
            .. wrong.SelectMany((bytes, number) => Both($"hostName of bytes {number}", "report", Put(With(report, "hostName", "\"?\""), bytes), [400], "UTF-8")),
            .. wrong.SelectMany((bytes, number) => Both($"unknown member of bytes {number}", "report", Put(WithMore(report, "\"x\":\"?\""), bytes), [400], "UTF-8")),
            .. Both("bootId", "poll", Put(With(Poll(Boot), "bootId", "\"?\""), wrong[0]), [400], "UTF-8"),
            .. Both("detail", "result", Put(With(result, "detail", "\"?\""), wrong[3]), [400], "UTF-8"),
            .. Both("certificateRequest", "renew", Put(Utf8("{\"certificateRequest\":\"?\"}"), wrong[1]), [400], "UTF-8"),
        ];
    }

    private static IReadOnlyList<HostileMessage> Nul(HostileContext context)
    {
        const string nul = "\"a\\u0000b\"";
        var (report, result) = (Small(context, 1), Result(context.Joined.Asset, context.NowUtc) with { Detail = "x", Reason = "x" });
        return
        [
            .. Both("hostName", "report", With(report, "hostName", nul), [400], "hostName"),
            .. Both("bootId of a report", "report", With(report, "bootId", nul), [400], "bootId"),
            .. Both("raw in a name", "report", Put(With(report, "hostName", "\"?\""), [0]), [400], "invalid within a JSON string"),
            .. Both("bootId of a poll", "poll", With(Poll(Boot), "bootId", nul), [400], "bootId"),
            .. Both("detail", "result", With(result, "detail", nul), [400], "U+0000"),
            .. Both("reason", "result", With(result, "reason", nul), [400], "U+0000"),
            .. Both("certificateRequest", "renew", Utf8($"{{\"certificateRequest\":{nul}}}"), [400], "certificateRequest"),
        ];
    }

    private static IReadOnlyList<HostileMessage> DeepJson(HostileContext context)
    {
        var lists = new string('[', Deep) + new string(']', Deep);
        var objects = Times("{\"a\":", Deep, "") + "1" + new string('}', Deep);
        var (report, result) = (Small(context, 1), Result(context.Joined.Asset, context.NowUtc));
        return
        [
            .. Both("lists alone", "report", Utf8(lists), [400], "deep"),
            .. Both("lists in an unknown member", "report", WithMore(report, $"\"x\":{lists}"), [400], "deep"),
            .. Both("objects in an unknown member", "report", WithMore(report, $"\"x\":{objects}"), [400], "deep"),
            .. Both("lists for packages", "report", WithMore(report, $"\"software\":{lists}"), [400], "deep"),
            .. Both("never closed", "report", WithMore(report, $"\"x\":{new string('[', Deep)}"), [400], "deep"),
            .. Large("in a poll", "poll", With(Poll(Boot) with { Working = [context.Joined.Asset] }, "working", lists)),
            .. Both("in a small poll", "poll", With(Poll(Boot) with { Working = [context.Joined.Asset] }, "working", new string('[', 30_000)), [400], "deep"),
            .. Both("in a result", "result", With(result, "changes", lists), [400], "deep"),
            .. Both("in a renewal", "renew", Utf8($"{{\"x\":{new string('[', 10_000)}"), [400], "deep"),
        ];
    }

    private static IReadOnlyList<HostileMessage> DuplicateKeys(HostileContext context)
    {
        var (report, result) = (Small(context, 1), Result(context.Joined.Asset, context.NowUtc));
        return
        [
            .. Both("hostName twice", "report", WithMore(report, "\"hostName\":\"b\""), [400], "twice"),
            .. Both("hostName twice, once with an escape", "report", WithMore(report, "\"host\\u004eame\":\"b\""), [400], "twice"),
            .. Both("software twice", "report", WithMore(report, "\"software\":[],\"software\":[]"), [400], "twice"),
            .. Both("bootId twice", "poll", WithMore(Poll(Boot), "\"bootId\":\"b\""), [400], "twice"),
            .. Both("jobId twice", "result", WithMore(result, $"\"jobId\":\"{context.OtherJob}\""), [400], "twice"),
            .. Both("certificateRequest twice", "renew", Utf8("{\"certificateRequest\":\"a\",\"certificateRequest\":\"b\"}"), [400], "twice"),
        ];
    }

    private static IReadOnlyList<HostileMessage> Bombs(HostileContext context)
    {
        // A gzip file may be made of many: a thousand of a megabyte each are a gigabyte.
        var member = RawRequest.Gzip(new byte[1024 * 1024]);
        byte[] Members(int count) => [.. Enumerable.Repeat(member, count).SelectMany(bytes => bytes)];
        var report = Small(context, 1);
        var spaces = With(report, "schema", new string(' ', 15_000_000) + "2");
        var badly = With(report, "schema", new string(' ', 12_000_000) + $"2,\"x\":[{string.Join(',', Enumerable.Range(0, 4).Select(_ => $"\"{Chance(60_000, 16)}\""))}]");
        return
        [
            Packed("1 GB of zeros", "report", Members(1_000), [400, 413]),
            Packed("4 GB of zeros", "report", Members(3_900), [400, 413]),
            Packed("15 MB of spaces in a good report", "report", RawRequest.Gzip(spaces), [413], Unpack),
            Packed("12 MB of spaces within the ratio", "report", RawRequest.Gzip(badly), [400], "schema"),
            Packed("packed twice", "report", RawRequest.Gzip(RawRequest.Gzip(Json(report))), [400]),
            Packed("cut off", "report", RawRequest.Gzip(Json(report))[..^30], [400]),
            Packed("no gzip at all", "report", Json(report), [400], "gzip"),
            Packed("1 GB in a poll", "poll", Members(60), [400, 413]),
            Packed("spaces in a poll", "poll", RawRequest.Gzip(With(Poll(Boot), "lastSequence", new string(' ', 15_000_000) + "1")), [413], Unpack),
            Packed("spaces in a result", "result", RawRequest.Gzip(With(Result(context.Joined.Asset, context.NowUtc), "jobId", new string(' ', 100_000_000) + "1")), [413], Unpack),
            Packed("spaces in a renewal", "renew", RawRequest.Gzip(Utf8("{" + new string(' ', 10_000_000) + "}")), [413], Unpack),
            new() { Name = "another packing", Request = Plain("report", member) with { Encoding = "br" }, Statuses = [415], Reason = "gzip or none" },
            new() { Name = "two packings", Request = Plain("report", member) with { Encoding = "gzip, gzip" }, Statuses = [415], Reason = "gzip or none" },
        ];
    }

    private static IReadOnlyList<HostileMessage> Clocks(HostileContext context)
    {
        var (now, report) = (context.NowUtc, Small(context, 1));
        return
        [
            .. Both("report ten years ahead", "report", Json(report with { TakenUtc = now.AddYears(10) }), [200]),
            .. Both("report ten years ago", "report", Json(report with { Sequence = 2, TakenUtc = now.AddYears(-10) }), [200]),
            .. Both("report of year 1", "report", Json(report with { Sequence = 3, TakenUtc = DateTimeOffset.MinValue }), [200]),
            .. Both("report of year 9999", "report", Json(report with { Sequence = 4, TakenUtc = DateTimeOffset.MaxValue }), [200]),
            .. Both("report of no moment", "report", With(report, "takenUtc", "\"9999-12-31T23:59:59-14:00\""), [400], "wrong type"),
            .. Both("result ten years ahead", "result", Json(Result(Guid.CreateVersion7(now), now.AddYears(10))), [404], "not known"),
            .. Both("result ten years ago", "result", Json(Result(Guid.CreateVersion7(now), now.AddYears(-10))), [404], "not known"),
            .. Both("result that ends ten years before it began", "result", Json(Result(Guid.CreateVersion7(now), now) with { EndedUtc = now.AddYears(-10) }), [400], "endedUtc"),
        ];
    }

    private static IReadOnlyList<HostileMessage> Lies(HostileContext context)
    {
        var done = Result(context.OwnJob, context.NowUtc);
        var report = Small(context, 100) with
        {
            AfterJob = context.OwnJob, SoftwareDigest = context.Facts.SoftwareDigest, StateDigest = context.Facts.StateDigest, State = null,
        };
        return
        [
            .. Both("done, which is a lie", "result", Json(done), [204]),
            .. Both("already so, which is a lie", "result", Json(done with { Outcome = JobOutcome.AlreadySo }), [204]),
            .. Both("failed, which is a lie", "result", Json(done with { Outcome = JobOutcome.Failed, Reason = "lie" }), [204]),
            .. Both("an outcome that is none", "result", Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Json(done)).Replace("\"done\"", "\"verified\"", StringComparison.Ordinal)), [400], "wrong type"),
            .. Both("a report after the job on which nothing changed", "report", Json(report), [200]),
            .. Both("a report with another digest than its state has", "report", Json(report with { Sequence = 101, SoftwareDigest = null, State = context.Facts.State, StateDigest = new string('0', 64) }), [400], "digest"),
            .. Both("done with another's job", "result", Json(done with { JobId = context.OtherJob }), [404], "not known for the asset"),
        ];
    }

    private static HostileMessage Flood(HostileContext context) =>
        new() { Name = "the same report", Request = Plain("report", Json(Small(context, 1))).Packed(), Statuses = [200] };

    private static HostileMessage Garbage() =>
        new() { Name = "garbage", Request = Plain("report", Utf8(Chance(300, 16))), Statuses = [400], Reason = "JSON" };

    private static HostileMessage PollFlood() => new() { Name = "poll", Request = Plain("poll", Json(Poll(Boot))), Statuses = [200] };

    // Software is unknown and the state has no content: small, and complete enough to be stored.
    private static AssetReport Small(HostileContext context, long sequence) =>
        Report(context.Name, Boot, sequence, context.SmallFacts, context.NowUtc) with { Software = null, SoftwareDigest = null };

    private static PollRequest Poll(string boot) => new() { BootId = boot, LastSequence = 1, WaitSeconds = 0 };

    private static JobResult Result(Guid job, DateTimeOffset at) => new() { JobId = job, Outcome = JobOutcome.Done, StartedUtc = at, EndedUtc = at };

    private static RawRequest Plain(string route, byte[] body) => new() { Route = route, Body = body };

    private static HostileMessage Packed(string name, string route, byte[] packed, int[] statuses, string reason = "") =>
        new() { Name = name, Request = Plain(route, packed) with { Encoding = "gzip" }, Statuses = statuses, Reason = reason };

    private static HostileMessage[] Both(string name, string route, byte[] body, int[] statuses, string reason = "")
    {
        var message = new HostileMessage { Name = name, Request = Plain(route, body), Statuses = statuses, Reason = reason };
        return [message, message with { Name = $"{name}, packed", Request = message.Request.Packed() }];
    }

    // Too large as it travels, and when it is unpacked.
    private static HostileMessage[] Large(string name, string route, byte[] body)
    {
        var both = Both(name, route, body, [413], Larger);
        return [both[0], both[1] with { Statuses = [400, 413], Reason = AsUnpacked }];
    }
}
