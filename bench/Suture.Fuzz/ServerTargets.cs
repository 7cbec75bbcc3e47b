using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Suture.Advisories.Archive;
using Suture.Advisories.Fetching;
using Suture.Contracts;
using Suture.Contracts.Api;
using Suture.Inventory;
using Suture.Inventory.Certificates;
using Suture.Inventory.Reports;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Versions;
using Suture.Remediation.Dispatch;
using Suture.Remediation.Policies;

namespace Suture.Fuzz;

/// <summary>What agents, the distribution's archive and people send to the server.</summary>
internal static class ServerTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("agent-report", Report),
        new("agent-messages", Messages),
        new("certificate-request", input => Done(Certificate.ReadRequest(Convert.ToBase64String(input)))),
        // The frame states its size, and the store is the server's own.
        new("stored-report", Stored) { Floor = PackedJson.UnpackedBytesMax + FuzzTarget.FloorDefault },
        new("policy", input => Done(ReadPolicy.From(Text(input)))),
        new("feed-sources", input => Done(ReadSources.From(Text(input)))),
        new("signed-release", Release),
        new("packages-index", Index),
        new("packages-index-xz", IndexXz),
        new("deb-package", Package),
        new("changelog", Changelog),
    ];

    // As the route of reports reads it, up to what is stored; a body that begins as gzip is sent as gzip.
    private static long Report(byte[] input)
    {
        var (report, bytes) = Read(input, AgentEndpoints.Report, ContractsJson.Default.AssetReport);
        if (report is not null)
        {
            _ = CheckReport.Check(report).ToErrors();
        }
        return bytes;
    }

    // The smaller messages, each read by each reader: what begins as one may be sent as another.
    private static long Messages(byte[] input)
    {
        if (Read(input, AgentEndpoints.Small, ContractsJson.Default.EnrollRequest).Value is { } enroll)
        {
            _ = Certificate.ReadRequest(enroll.CertificateRequest);
        }
        if (Read(input, AgentEndpoints.Small, ContractsJson.Default.RenewRequest).Value is { } renew)
        {
            _ = Certificate.ReadRequest(renew.CertificateRequest);
        }
        if (Read(input, AgentApi.PollBounds, ContractsJson.Default.PollRequest).Value is { } poll)
        {
            _ = AgentApi.WhyNot(poll);
        }
        var (result, bytes) = Read(input, AgentApi.ResultBounds, ContractsJson.Default.JobResult);
        if (result is not null && AgentApi.WhyNot(result) is null)
        {
            _ = TakeResult.Decide(JobState.Leased, result, null);
            _ = JsonSerializer.SerializeToUtf8Bytes(result, ContractsJson.Default.JobResult);
        }
        return bytes;
    }

    private static (T? Value, long Bytes) Read<T>(byte[] input, AgentBodyBounds bounds, JsonTypeInfo<T> type)
        where T : class
    {
        var context = Request(input);
        using var wire = new WireBody(context);
        if (AgentBody.TakeAsync(context, wire, bounds, CancellationToken.None).GetAwaiter().GetResult() is not null)
        {
            return (null, 0);
        }
        var (bytes, fault) = AgentBody.Look(context, wire, bounds);
        // A refused bomb was unpacked up to its bound.
        return fault is not null ? (null, Unpacked.OfGzip(input, InventoryLimits.ReportRatioFreeBytes + ((long)input.Length * InventoryLimits.ReportRatioMax))) : (AgentBody.Read(wire, type).Value, bytes);
    }

    // The store is the server's own; what is damaged in it is told, not followed.
    private static long Stored(byte[] input)
    {
        try
        {
            _ = PackedJson.Unpack(input, ContractsJson.Default.IReadOnlyListInstalledPackage);
        }
        catch (InvalidDataException)
        {
            // What it answers.
        }
        return 0;
    }

    private static long Release(byte[] input)
    {
        try
        {
            _ = SignedRelease.Parse(Text(input).Split('\n')).Refuse("bookworm-security", null, DateTimeOffset.UnixEpoch);
        }
        catch (InvalidDataException)
        {
            // What it answers.
        }
        return 0;
    }

    private static long Index(byte[] input)
    {
        using var reader = new StreamReader(new MemoryStream(input, writable: false), Encoding.UTF8);
        foreach (var file in PackageFile.ReadIndex(reader))
        {
            _ = file.Name;
        }
        return 0;
    }

    private static long IndexXz(byte[] input)
    {
        using var unpacked = new BoundedStream(new XzReader(new MemoryStream(input, writable: false)), UnpackedMax);
        return Unpacked.Count(unpacked, UnpackedMax);
    }

    private static long Package(byte[] input)
    {
        try
        {
            return DebPackage.ReadChangelog(input).Text?.Length ?? 0;
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            return 0;
        }
    }

    private static long Changelog(byte[] input)
    {
        _ = DebianChangelog.Read(new StringReader(Text(input)), version => DebianVersion.Compare(version, "1.0") > 0);
        return 0;
    }

    private const long UnpackedMax = 16 << 20;

    private static DefaultHttpContext Request(byte[] body)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(body, writable: false);
        if (body is [0x1f, 0x8b, ..])
        {
            context.Request.Headers.ContentEncoding = "gzip";
        }
        return context;
    }

    private static long Done<T>(T _) => 0;

    private static string Text(byte[] input) => Encoding.UTF8.GetString(input);
}
