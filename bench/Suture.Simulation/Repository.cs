using System.Security.Cryptography;
using System.Text;
using Suture.Contracts.Inventory;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Intelligence;
using Suture.Knowledge.Versions;

namespace Suture.Simulation;

/// <summary>The distribution's archive and what is published about it, in three days: each day brings one more fix.</summary>
internal sealed class Repository
{
    internal const string Release = "bookworm";

    private static readonly (string Package, string Source, string Version, string Vulnerability)[] Fixes =
    [
        ("libssl3", "openssl", "3.0.17", "CVE-2026-0001"),
        ("libcurl4", "curl", "7.88.2", "CVE-2026-0002"),
        ("libssl3", "openssl", "3.0.18", "CVE-2026-0003"),
    ];

    private static readonly FeedSnapshot[] Snapshots = [.. Enumerable.Range(1, Fixes.Length).Select(Build)];

    /// <summary>How many of the fixes are published, from 1.</summary>
    internal int Published { get; set; } = 1;

    /// <summary>True when there is more to come.</summary>
    internal bool HasMore => Published < Fixes.Length;

    /// <summary>The feeds of the day.</summary>
    internal FeedSnapshot Feeds => Snapshots[Published - 1];

    internal static string SourceOf(string package) => Fixes.First(fix => fix.Package == package).Source;

    /// <summary>The newest version of a package.</summary>
    internal string NewestOf(string package) => Fixes.Take(Published).Last(fix => fix.Package == package).Version;

    /// <summary>What is open on a machine: the code that runs there is older than the fix.</summary>
    internal IReadOnlyList<string> OpenOn(Endpoint machine) =>
        [.. Fixes.Take(Published).Where(fix => DebianVersion.Compare(machine.Loaded(fix.Package), fix.Version) < 0)
            .Select(fix => fix.Vulnerability).Order(StringComparer.Ordinal)];

    /// <summary>What a machine's own indexes offer.</summary>
    internal IReadOnlyList<AvailableUpdate> Updates(IReadOnlyDictionary<string, string> installed) =>
        [.. Fixes.Take(Published).GroupBy(fix => fix.Package).Select(fixes => fixes.Last())
            .Where(fix => DebianVersion.Compare(installed[fix.Package], fix.Version) < 0).OrderBy(fix => fix.Package, StringComparer.Ordinal)
            .Select(fix => new AvailableUpdate
            {
                Package = fix.Package, Architecture = Endpoint.Architecture, Version = fix.Version, Source = fix.Source, SourceVersion = fix.Version, Suite = $"{Release}-security",
                Label = "Debian-Security", IsSecurity = true, Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(fix.Package + fix.Version))), SizeBytes = 1,
            })];

    private static FeedSnapshot Build(int published)
    {
        var (day, fixes) = (new DateOnly(2026, 8, published), Fixes.Take(published).ToList());
        return new FeedSnapshotBuilder()
            .AddFixes(FeedNames.DebianDsa, day, [Release],
                [.. fixes.Select((fix, number) => new FixRecord(Release, fix.Source, fix.Vulnerability, fix.Version, $"DSA-{number + 1}-1", day, FeedNames.DebianDsa))])
            .Add(new KevContent
            {
                Feed = FeedNames.CisaKev, ContentDate = day,
                Entries = fixes.ToDictionary(fix => fix.Vulnerability, _ => new KevEntry(day, day.AddDays(21), false, "Simulated")),
            })
            .Build();
    }
}
