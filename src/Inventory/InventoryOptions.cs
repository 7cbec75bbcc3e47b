using System.ComponentModel.DataAnnotations;

namespace Suture.Inventory;

/// <summary>What the host decides for this module.</summary>
public sealed class InventoryOptions
{
    /// <summary>Folder of the certificate authority's key and certificate; made when absent, for its owner only. Nodes of one installation share its content.</summary>
    [Required]
    public required string SecretsDirectory { get; init; }

    /// <summary>Address of the agents' own port as agents reach it, <c>https://host:port</c>.</summary>
    [Required]
    public required Uri AgentUrl { get; init; }

    /// <summary>More names and addresses of this server for its certificate; the host of <see cref="AgentUrl"/>, localhost and loopback are always in it. At most 50.</summary>
    [MaxLength(50)]
    public IReadOnlyList<string> ServerNames { get; init; } = [];

    /// <summary>After this long without a sign of life an asset is silent: its findings are no longer known.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Enrolment attempts a minute from one address.</summary>
    [Range(1, 10_000)]
    public int EnrollmentsPerMinute { get; init; } = 60;

    /// <summary>Reports read at the same time; more wait for their turn or are asked to come back.</summary>
    [Range(1, 1_000)]
    public int ReportsAtOnce { get; init; } = 8;

    /// <summary>Finds faults; empty when the options are good.</summary>
    internal IReadOnlyList<string> Faults()
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), results, validateAllProperties: true);
        var faults = results.Select(result => result.ErrorMessage ?? "invalid").ToList();
        if (AgentUrl is not { IsAbsoluteUri: true, Scheme: "https", AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" })
        {
            faults.Add($"AgentUrl is '{AgentUrl}', wanted https://host:port without a path.");
        }
        if (SilentAfter < TimeSpan.FromMinutes(1) || SilentAfter > TimeSpan.FromDays(365))
        {
            faults.Add($"SilentAfter is {SilentAfter}, wanted 1 minute to 365 days.");
        }
        return faults;
    }
}
