namespace Suture.Knowledge.Risk;

/// <summary>What a CVSS vector says of SSVC's points. Null where the vector is missing, of another form, or lacks the metrics.</summary>
internal static class CvssFacts
{
    /// <summary>Over the network, without privileges, without a user's help. Version 2 has no metric for the user, so it does not tell.</summary>
    public static bool? IsAutomatable(string? vector) =>
        vector is null || !IsVersion3Or4(vector) ? null
        : All((Metric(vector, "AV"), 'N'), (Metric(vector, "PR"), 'N'), (Metric(vector, "UI"), 'N'));

    /// <summary>High (version 2: complete) impact on confidentiality, integrity and availability of the vulnerable system.</summary>
    public static bool? IsTotalImpact(string? vector)
    {
        if (vector is null)
        {
            return null;
        }
        if (vector.StartsWith("CVSS:4", StringComparison.Ordinal))
        {
            return All((Metric(vector, "VC"), 'H'), (Metric(vector, "VI"), 'H'), (Metric(vector, "VA"), 'H'));
        }
        var most = IsVersion3Or4(vector) ? 'H' : 'C';
        return All((Metric(vector, "C"), most), (Metric(vector, "I"), most), (Metric(vector, "A"), most));
    }

    private static bool IsVersion3Or4(string vector) =>
        vector.StartsWith("CVSS:3", StringComparison.Ordinal) || vector.StartsWith("CVSS:4", StringComparison.Ordinal);

    private static bool? All((char? Value, char Wanted) first, (char? Value, char Wanted) second, (char? Value, char Wanted) third) =>
        first.Value is null || second.Value is null || third.Value is null ? null
        : first.Value == first.Wanted && second.Value == second.Wanted && third.Value == third.Wanted;

    private static char? Metric(ReadOnlySpan<char> vector, string name)
    {
        foreach (var part in vector.Split('/'))
        {
            var metric = vector[part].Trim("()");
            if (metric.Length == name.Length + 2 && metric[name.Length] == ':' && metric.StartsWith(name, StringComparison.Ordinal))
            {
                return metric[^1];
            }
        }
        return null;
    }
}
