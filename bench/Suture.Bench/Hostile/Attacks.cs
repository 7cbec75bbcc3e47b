namespace Suture.Bench.Hostile;

/// <summary>The attacks. Each message is sent plain and packed where that makes sense.</summary>
internal static class Attacks
{
    private const int TenMegabytes = 10_000_000;

    /// <summary>All of them, in the order in which they are run.</summary>
    public static IReadOnlyList<Attack> All { get; } =
    [
        new() { Name = "10 MB strings", Messages = LongStrings },
        new() { Name = "duplicate keys", Messages = DuplicateKeys },
    ];

    private static IReadOnlyList<HostileMessage> LongStrings(HostileContext context)
    {
        var body = HostileBodies.With(Base(context), "hostName", $"\"{new string('a', TenMegabytes)}\"");
        return [.. Both("hostName of 10 MB", "report", body, 413, "larger", "unpack")];
    }

    private static IReadOnlyList<HostileMessage> DuplicateKeys(HostileContext context)
    {
        var body = HostileBodies.With(Base(context), "hostName", "\"a\",\"hostName\":\"b\"");
        return [.. Both("hostName twice", "report", body, 400, "twice", "twice")];
    }

    private static Suture.Contracts.Inventory.AssetReport Base(HostileContext context) => HostileBodies.Report(context.Name, "boot-1", 1, context.Facts, context.NowUtc);

    private static IEnumerable<HostileMessage> Both(string name, string route, byte[] body, int status, string plainReason, string packedReason)
    {
        var request = new RawRequest { Route = route, Body = body };
        yield return new HostileMessage { Name = name, Request = request, Statuses = [status], Reason = plainReason };
        yield return new HostileMessage { Name = $"{name}, packed", Request = request.Packed(), Statuses = [status], Reason = packedReason };
    }
}
