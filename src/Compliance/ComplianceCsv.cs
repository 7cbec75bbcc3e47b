using System.Globalization;
using System.Text;
using Suture.Contracts.Api;

namespace Suture.Compliance;

/// <summary>Compliance as CSV (RFC 4180), one line an asset.</summary>
internal static class ComplianceCsv
{
    internal const string ContentType = "text/csv; charset=utf-8";

    private const string Header = "asset,name,policy,status,open,overdue,next_due\r\n";

    internal static string Write(IEnumerable<AssetCompliance> rows)
    {
        var text = new StringBuilder(Header);
        foreach (var row in rows)
        {
            text.Append(row.Asset.ToString("D")).Append(',')
                .Append(Field(row.Name)).Append(',')
                .Append(Field(row.Policy)).Append(',')
                .Append(Field(row.Status)).Append(',')
                .Append(row.Open.ToString(CultureInfo.InvariantCulture)).Append(',')
                .Append(row.Overdue.ToString(CultureInfo.InvariantCulture)).Append(',')
                .Append(row.NextDue?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)).Append("\r\n");
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
}
