using Microsoft.AspNetCore.Routing;
using Suture.Contracts.Api;

namespace Suture.Server.Tests.Api;

/// <summary>Who may call what: every route of the server, written by hand. A route that is not in it fails the tests, and so does one that answers otherwise.</summary>
internal static class RouteTable
{
    // Letters: v viewer, n analyst, o operator, p approver, d admin, u auditor. "whole": and only with all groups. "asset": the id is one, and 404 outside of the scope; "plan" too, which ApprovalTests hold.
    private const string Text =
        """
        GET    /api/{documentName}/openapi.json      anybody
        POST   /api/v1/auth/sign-in                  anybody
        POST   /api/v1/auth/sign-out                 vnopdu
        GET    /api/v1/auth/me                       vnopdu
        GET    /api/v1/status                        vnopdu
        GET    /api/v1/tokens                        vnopdu
        POST   /api/v1/tokens                        vnopdu
        DELETE /api/v1/tokens/{id:guid}              vnopdu
        GET    /api/v1/users                         du
        POST   /api/v1/users                         d
        PUT    /api/v1/users/{name}                  d
        POST   /api/v1/users/{name}/disable          d
        POST   /api/v1/users/{name}/enable           d
        POST   /api/v1/users/{name}/code             d
        GET    /api/v1/groups                        vnopdu
        POST   /api/v1/groups                        d
        GET    /api/v1/groups/{name}/approvers       vnopdu
        PUT    /api/v1/groups/{name}/approvers       d
        GET    /api/v1/ledger                        du
        GET    /api/v1/ledger/chain                  du       whole
        GET    /api/v1/ledger/checkpoints            du       whole
        GET    /api/v1/work/failed                   du       whole
        POST   /api/v1/work/failed/{id:guid}/retry   d        whole
        GET    /api/v1/feeds                         vnopdu
        POST   /api/v1/feeds/import                  d        whole
        POST   /api/v1/feeds/upload                  d        whole
        GET    /api/v1/assets                        vnopdu
        GET    /api/v1/assets/{id:guid}              vnopdu   asset
        PUT    /api/v1/assets/{id:guid}/context      o        asset
        POST   /api/v1/assets/{id:guid}/report-now   o        asset
        POST   /api/v1/assets/{id:guid}/retire       o        asset
        POST   /api/v1/assets/{id:guid}/release      o        asset
        DELETE /api/v1/assets/{id:guid}/certificate  o        asset
        POST   /api/v1/enrollment-tokens             o
        GET    /api/v1/findings                      vnopdu
        GET    /api/v1/vulnerabilities/{id}          vnopdu
        GET    /api/v1/explain/{vulnerability}       vnopdu
        GET    /api/v1/episodes                      vnopdu
        GET    /api/v1/fixes                         vnopdu
        GET    /api/v1/fixes/{key}                   vnopdu
        PUT    /api/v1/fixes/{key}/assignment        nopd
        POST   /api/v1/fixes/{key}/comments          nopd
        GET    /api/v1/plans                         vnopdu
        POST   /api/v1/plans                         nopd
        GET    /api/v1/plans/{id:guid}               vnopdu   plan
        POST   /api/v1/plans/{id:guid}/approve       p        plan
        POST   /api/v1/plans/{id:guid}/reject        p        plan
        POST   /api/v1/plans/{id:guid}/withdraw      nopd     plan
        GET    /api/v1/jobs                          vnopdu
        GET    /api/v1/policy                        vnopdu
        PUT    /api/v1/policy                        d        whole
        POST   /api/v1/policy/check                  vnopdu
        GET    /api/v1/compliance                    vnopdu
        GET    /api/v1/compliance.csv                vnopdu
        GET    /api/v1/compliance/assets             vnopdu
        GET    /agent/v1/certificate-authority       unenrolled
        POST   /agent/v1/enroll                      unenrolled
        POST   /agent/v1/renew                       agent
        POST   /agent/v1/report                      agent
        POST   /agent/v1/poll                        agent
        POST   /agent/v1/result                      agent
        """;

    internal static IReadOnlyList<Row> Rows { get; } = [.. Text.Split('\n', StringSplitOptions.TrimEntries).Select(Parse)];

    /// <summary>Method and pattern of a route that is there.</summary>
    internal static IEnumerable<string> NamesOf(RouteEndpoint route) =>
        route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {route.RoutePattern.RawText!.TrimEnd('/')}");

    private static Row Parse(string line)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new Row(parts[0], parts[1], parts[2], parts.ElementAtOrDefault(3) ?? "");
    }

    /// <summary>One route.</summary>
    internal sealed record Row(string Method, string Pattern, string Who, string Scope)
    {
        internal bool IsAgents => Who is "agent" or "unenrolled";

        internal bool IsAnybodys => Who is "anybody" or "unenrolled";

        internal bool IsWhole => Scope == "whole";

        internal bool Allows(Role role) => Who == "anybody" || (!IsAgents && Who.Contains(
            role switch { Role.Viewer => 'v', Role.Analyst => 'n', Role.Operator => 'o', Role.Approver => 'p', Role.Admin => 'd', _ => 'u' }, StringComparison.Ordinal));

        /// <summary>The path with what stands for its parts.</summary>
        internal string Path(Guid id) => Pattern.Replace("{id:guid}", id.ToString(), StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal)
            .Replace("{name}", "nobody-of-that-name", StringComparison.Ordinal).Replace("{id}", "CVE-2026-0001", StringComparison.Ordinal)
            .Replace("{vulnerability}", "CVE-2026-0001", StringComparison.Ordinal).Replace("{key}", "bookworm%2Fnothing%2F1", StringComparison.Ordinal);

        public override string ToString() => $"{Method} {Pattern}";
    }
}
