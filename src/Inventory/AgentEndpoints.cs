using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Suture.Contracts;
using Suture.Inventory.Enrollment;
using Suture.Inventory.Reports;
using Suture.Platform.Api;

namespace Suture.Inventory;

/// <summary>What agents call here.</summary>
internal sealed class AgentEndpoints : IDisposable
{
    // Reports are weighed in these.
    private const int RoomUnitBytes = 1024 * 1024;

    internal static readonly AgentBodyBounds Small = new()
    {
        WireBytes = InventoryLimits.EnrollBodyBytesMax, Bytes = InventoryLimits.EnrollBodyBytesMax, Members = InventoryLimits.ShortListEntriesMax,
    };

    internal static readonly AgentBodyBounds Report = new()
    {
        WireBytes = InventoryLimits.ReportWireBytesMax, Bytes = InventoryLimits.ReportBytesMax, Members = InventoryLimits.PackagesMax,
    };

    private readonly EnrollAgent _enroll;
    private readonly RenewCertificate _renew;
    private readonly ReceiveReport _receive;
    private readonly AgentAuthority _authority;
    private readonly AttemptLimiter _attempts;
    private readonly TimeProvider _time;
    private readonly ConcurrencyLimiter _turns;
    private readonly ConcurrencyLimiter _room;

    public AgentEndpoints(
        EnrollAgent enroll, RenewCertificate renew, ReceiveReport receive, AgentAuthority authority, InventoryOptions options, TimeProvider time)
    {
        _enroll = enroll;
        _renew = renew;
        _receive = receive;
        _authority = authority;
        _time = time;
        _attempts = new AttemptLimiter(options.EnrollmentsPerMinute, time);
        _turns = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = options.ReportsAtOnce,
            QueueLimit = InventoryLimits.ReportsWaitingMax,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        // More than a place of room for each turn never waits.
        _room = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = (InventoryLimits.ReportBytesAtOnce / RoomUnitBytes) + options.ReportsAtOnce,
            QueueLimit = options.ReportsAtOnce * (1 + (InventoryLimits.ReportBytesMax / RoomUnitBytes)),
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    public void Dispose()
    {
        _turns.Dispose();
        _room.Dispose();
    }

    public void Map(IEndpointRouteBuilder agents)
    {
        agents.MapGet(AgentPaths.CertificateAuthority, () => Results.Text(_authority.CertificatePem, "application/x-pem-file"))
            .AllowUnenrolled();
        agents.MapPost(AgentPaths.Enroll, EnrollAsync).AllowUnenrolled();
        agents.MapPost(AgentPaths.Renew, RenewAsync).RequireRenewingAgent();
        agents.MapPost(AgentPaths.Report, ReportAsync).RequireReportingAgent();
    }

    private async Task<IResult> EnrollAsync(HttpContext context, CancellationToken cancellation)
    {
        if (!_attempts.TryCount(context.Connection.RemoteIpAddress))
        {
            return TooMany(context, 60, "Too many enrolments", "This address has tried to enrol too often; try again in a minute.");
        }
        var (request, fault) = await AgentBody.ReadAsync(context, Small, ContractsJson.Default.EnrollRequest, cancellation);
        if (request is null)
        {
            return fault!;
        }
        var result = await _enroll.EnrollAsync(request, cancellation);
        return result switch
        {
            { Response: { } response } => Results.Json(response, ContractsJson.Default.EnrollResponse),
            { IsTokenRefused: true } => Problems.Forbidden(
                "The token is refused", "The enrolment token is unknown, used or too old; ask an operator for a new join command."),
            _ => Problems.BadRequest("The enrolment has faults", "Each fault is named under errors; the token is not used up.", result.Faults),
        };
    }

    private async Task<IResult> RenewAsync(HttpContext context, CancellationToken cancellation)
    {
        var (request, fault) = await AgentBody.ReadAsync(context, Small, ContractsJson.Default.RenewRequest, cancellation);
        if (request is null)
        {
            return fault!;
        }
        var result = await _renew.RenewAsync(context.GetAgent(), request, cancellation);
        return result switch
        {
            { Response: { } response } => Results.Json(response, ContractsJson.Default.RenewResponse),
            { IsTooOften: true } => TooMany(
                context, 3600, "No certificate was issued", $"The certificate was revoked, the asset was retired or quarantined, or {InventoryLimits.CertificatesADayMax} were issued within a day; try again tomorrow."),
            _ => Problems.BadRequest("The renewal has faults", result.Fault),
        };
    }

    private async Task<IResult> ReportAsync(HttpContext context, CancellationToken cancellation)
    {
        using var arrival = new CancellationTokenSource(TimeSpan.FromSeconds(InventoryLimits.ReportArrivalSeconds), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(arrival.Token, cancellation);
        using var wire = new WireBody(context);
        try
        {
            if (await AgentBody.TakeAsync(context, wire, Report, either.Token) is { } fault)
            {
                return fault;
            }
        }
        catch (OperationCanceledException) when (arrival.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return Problems.Of(StatusCodes.Status408RequestTimeout, "The body came too slowly", $"Wanted all of it within {InventoryLimits.ReportArrivalSeconds} s.");
        }
        // Only so many are looked at and held at the same time, and only so many bytes of them.
        using var turn = await _turns.AcquireAsync(1, cancellation);
        return turn.IsAcquired ? await LookAsync(context, wire, cancellation) : Busy(context);
    }

    private async Task<IResult> LookAsync(HttpContext context, WireBody wire, CancellationToken cancellation)
    {
        var (bytes, fault) = AgentBody.Look(context, wire, Report);
        if (fault is not null)
        {
            return fault;
        }
        using var room = await _room.AcquireAsync(1 + (bytes / RoomUnitBytes), cancellation);
        return room.IsAcquired ? await ReceiveAsync(context, wire, cancellation) : Busy(context);
    }

    private async Task<IResult> ReceiveAsync(HttpContext context, WireBody wire, CancellationToken cancellation)
    {
        var (report, fault) = AgentBody.Read(wire, ContractsJson.Default.AssetReport);
        if (report is null)
        {
            return fault!;
        }
        var faults = CheckReport.Check(report);
        if (faults.Count > 0)
        {
            return Problems.BadRequest("The report has faults", faults.Summary(), faults.ToErrors());
        }
        var result = await _receive.ReceiveAsync(context.GetAgent().AssetId, report, cancellation);
        return result switch
        {
            { Response: { } response } => Results.Json(response, ContractsJson.Default.ReportResponse),
            { Outcome: ReceiveReport.ReceiveOutcome.Lie } => Problems.BadRequest(
                "The report has faults", $"{result.FaultPlace} is not the digest of what was sent.",
                new Dictionary<string, string[]> { [result.FaultPlace!] = ["wanted the digest of what was sent; nothing was stored"] }),
            _ => Busy(context),
        };
    }

    private static IResult TooMany(HttpContext context, int retryAfterSeconds, string title, string detail)
    {
        context.Response.Headers.RetryAfter = retryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Problems.TooMany(title, detail);
    }

    private static IResult Busy(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "30";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, "The server is busy", "Too many reports wait; send it again in half a minute.");
    }
}
