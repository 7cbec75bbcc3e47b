using System.Globalization;
using System.Text.Json;
using Suture.Knowledge.Feeds;
using Suture.Knowledge.Intelligence;

namespace Suture.Bench.Loop;

/// <summary>A KEV catalogue that grows, in CISA's JSON form and in a folder of its own.</summary>
/// <param name="directory">The folder.</param>
/// <param name="known">The catalogue in force, whose entries stay; null when there is none.</param>
/// <param name="today">Day on which entries are added.</param>
internal sealed class KevCatalogue(string directory, KevContent? known, DateOnly today)
{
    private const string FileName = "known_exploited_vulnerabilities.json";
    private const int DaysToFix = 3;

    private readonly Dictionary<string, KevEntry> _entries = new(known?.Entries ?? new Dictionary<string, KevEntry>(), StringComparer.Ordinal);

    /// <summary>The folder to import.</summary>
    public string Directory => directory;

    /// <summary>Adds an entry and writes the whole catalogue.</summary>
    /// <param name="vulnerability">CVE id.</param>
    /// <param name="cancellation">Stops writing.</param>
    public Task AddAsync(string vulnerability, CancellationToken cancellation)
    {
        _entries[vulnerability] = new KevEntry(today, today.AddDays(DaysToFix), UsedByRansomware: false, "Entered by suture bench");
        // A feed never goes back in time: where the catalogue in force is of a later day, that day is kept.
        var released = known?.ContentDate > today ? known.ContentDate.Value : today;
        var catalogue = new
        {
            title = "CISA Catalog of Known Exploited Vulnerabilities",
            catalogVersion = released.ToString("yyyy.MM.dd", CultureInfo.InvariantCulture),
            dateReleased = released.ToString("yyyy-MM-dd'T00:00:00.0000Z'", CultureInfo.InvariantCulture),
            count = _entries.Count,
            vulnerabilities = _entries.Select(entry => new
            {
                cveID = entry.Key,
                vendorProject = "Debian",
                product = "Debian",
                vulnerabilityName = entry.Value.Name,
                dateAdded = entry.Value.Added.ToString("O", CultureInfo.InvariantCulture),
                shortDescription = entry.Value.Name,
                requiredAction = "Apply updates.",
                dueDate = entry.Value.Due?.ToString("O", CultureInfo.InvariantCulture) ?? "",
                knownRansomwareCampaignUse = entry.Value.UsedByRansomware ? "Known" : "Unknown",
                notes = "",
                cwes = Array.Empty<string>(),
            }),
        };
        return File.WriteAllBytesAsync(Path.Combine(directory, FileName), JsonSerializer.SerializeToUtf8Bytes(catalogue), cancellation);
    }
}
