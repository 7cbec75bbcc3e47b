namespace Suture.Knowledge.Feeds.Readers;

/// <summary>One Debian advisory.</summary>
/// <param name="Id"><c>DSA-5865-1</c>.</param>
/// <param name="Published">Day it was published.</param>
/// <param name="AsOf">Day of the publisher's list the record was taken from; of two records with one id the later one holds.</param>
/// <param name="Vulnerabilities">CVE ids, unique, in the order given; empty when it names none.</param>
/// <param name="Fixes">Fixed versions, in the order given.</param>
public sealed record Advisory(
    string Id, DateOnly Published, DateOnly AsOf, IReadOnlyList<string> Vulnerabilities, IReadOnlyList<AdvisoryFix> Fixes);

/// <summary>What an advisory says of one source in one release.</summary>
/// <param name="Release">Codename.</param>
/// <param name="Source">Source package.</param>
/// <param name="FixedVersion">Version from which it is fixed; null when it gives none.</param>
/// <param name="Statement">In place of a version: <c>not-affected</c>, <c>unfixed</c>, <c>end-of-life</c>, ...; null when there is a version.</param>
public sealed record AdvisoryFix(string Release, string Source, string? FixedVersion, string? Statement);

/// <summary>Advisories of one file.</summary>
/// <param name="AsOf">Day of the file: from its name, else the newest day in it.</param>
/// <param name="IsPrepared">True for the prepared form, which wins over a list of the same day.</param>
/// <param name="Advisories">Advisories; one id once.</param>
public sealed record AdvisoryList(DateOnly AsOf, bool IsPrepared, IReadOnlyList<Advisory> Advisories);
