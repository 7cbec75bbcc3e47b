using System.Globalization;
using System.Text;
using Suture.Contracts.Api;

namespace Suture.Compliance;

/// <summary>Compliance as CSV (RFC 4180): a line for each asset over all rules, followed by one for each of its rules. Its columns are described in
/// <c>docs/compliance.md</c>.</summary>
internal static class ComplianceCsv
{
    internal const string ContentType = "text/csv; charset=utf-8";

    internal const string Header = "as_of,asset,name,group,environment,kind,rule,status,episodes_open,episodes_overdue,overdue_assumed,assumed,next_due,findings_open,unknown_items,unknown\r\n";

    /// <summary>The lines of some assets, without the header.</summary>
    internal static string Write(IEnumerable<AssetCompliance> assets, DateTimeOffset now)
    {
        var text = new StringBuilder();
        foreach (var asset in assets)
        {
            Begin(text, asset, now).Append("asset,,");
            Append(text, asset.Status, asset.Episodes)
                .Append(CultureInfo.InvariantCulture, $",{asset.OpenFindings},{asset.UnknownItems},")
                .Append(Field(string.Join("; ", asset.Unknown.Select(item => $"{item.Subject}: {item.Reason}")))).Append("\r\n");
            foreach (var rule in asset.Rules)
            {
                Begin(text, asset, now).Append(Word(rule.Kind)).Append(',').Append(Field(rule.Rule ?? "")).Append(',');
                Append(text, rule.Status, rule.Episodes).Append(",,,\r\n");
            }
        }
        return text.ToString();
    }

    /// <summary>A text field that no spreadsheet takes for a formula: a host names itself, and names are input.</summary>
    /// <remarks>Source: OWASP, "CSV Injection": a field that begins with = + - @ tab or carriage return is led by an apostrophe.</remarks>
    internal static string Field(string value)
    {
        var safe = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠' ? "'" + value : value;
        return safe.AsSpan().IndexOfAny(",\"\r\n'") >= 0 ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    private static StringBuilder Begin(StringBuilder text, AssetCompliance asset, DateTimeOffset now) =>
        text.Append(CultureInfo.InvariantCulture, $"{now.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ},{asset.Asset:D},").AppendJoin(',', Field(asset.Name), Field(asset.Group), Field(asset.Environment)).Append(',');

    private static StringBuilder Append(StringBuilder text, ComplianceStatus status, EpisodeCounts episodes) => text.Append(
        CultureInfo.InvariantCulture,
        $"{Word(status)},{episodes.Open},{episodes.Overdue},{episodes.OverdueAssumed},{episodes.Assumed},{episodes.NextDue:yyyy-MM-dd}");

    private static string Word<T>(T member)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString());
}
