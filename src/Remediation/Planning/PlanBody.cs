using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;

namespace Suture.Remediation.Planning;

/// <summary>What a plan's hash covers, and so what an approval is bound to: the frozen diff and the clauses on what may follow it.</summary>
internal sealed record PlanBody
{
    /// <summary>2.</summary>
    public int Schema { get; init; } = 2;

    /// <summary>The plan; two plans of the same changes have different hashes, so an approval never carries over.</summary>
    public required Guid Plan { get; init; }

    public required string Author { get; init; }

    public required string Rule { get; init; }

    public required string PolicyDigest { get; init; }

    /// <summary><c>services</c> or <c>none</c>: whether services that still run old code after these changes are restarted without asking again.</summary>
    public required string Restarts { get; init; }

    /// <summary><c>allowed</c> or <c>never</c>: whether a machine is rebooted without asking again when only that puts a change into effect.</summary>
    public required string Reboots { get; init; }

    /// <summary>When the changes may run; null for at once.</summary>
    public PlanWindow? Window { get; init; }

    /// <summary>Changes in order of execution.</summary>
    public required IReadOnlyList<PlanChange> Changes { get; init; }

    public bool RestartsServices => Restarts == "services";

    public bool AllowsReboot => Reboots == "allowed";

    /// <summary>True when both would do the same to the same machines: the order (risk moves daily) and the plan's own id do not count.</summary>
    public bool SameFacts(PlanBody other) => Facts(this) == Facts(other);

    /// <summary>What the hash is over.</summary>
    public PlanHead Head() => new()
    {
        Schema = Schema, Plan = Plan, Author = Author, Rule = Rule, PolicyDigest = PolicyDigest, Restarts = Restarts, Reboots = Reboots, Window = Window,
        Assets = [.. ByAsset().Select(changes => ApprovedPlan.Digest(Encoding.UTF8.GetBytes(PlanCanon.Text(changes))))],
    };

    /// <summary>The plan in the bytes that its hash is over.</summary>
    /// <param name="asset">Only this asset's changes; null for those of all.</param>
    public ApprovedPlan ToApproved(Guid? asset) => new()
    {
        Head = Base64(Head()),
        Changes = [.. ByAsset().Where(changes => asset is null || changes.Asset == asset).Select(Base64)],
    };

    private IEnumerable<AssetChanges> ByAsset() => Changes.GroupBy(change => change.Asset).Select(own => new AssetChanges { Asset = own.Key, Changes = [.. own] });

    private static string Base64<T>(T value) => Convert.ToBase64String(Encoding.UTF8.GetBytes(PlanCanon.Text(value)));

    private static string Facts(PlanBody body)
    {
        var ordered = body.Changes.OrderBy(c => c.Asset).ThenBy(c => c.Verb).ThenBy(c => c.Fix, StringComparer.Ordinal);
        return PlanCanon.Text(body with { Plan = Guid.Empty, PolicyDigest = "", Changes = [.. ordered] });
    }
}

/// <summary>A plan whose stored body was found to be what its hash says.</summary>
internal sealed record FrozenPlan(string Hash, PlanBody Body);

/// <summary>The one text of a plan's parts, and its hash.</summary>
/// <remarks>A text is UTF-8 JSON without white space; the members of each object ordered by code point of their names; lists in their order; null members left out;
/// strings escape only what JSON demands; ids in lower-case hyphened form; numbers are integers. The hash of a plan is SHA-256 of the text of its
/// <see cref="PlanHead"/>, which has the digest of each asset's changes, in lower-case hex.</remarks>
internal static class PlanCanon
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
    };

    public static string Text<T>(T value)
    {
        var node = JsonSerializer.SerializeToNode(value, Options);
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(writer, node);
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static string Hash(PlanBody body) => Hash(Text(body.Head()));

    public static T Read<T>(string text) =>
        JsonSerializer.Deserialize<T>(text, Options) ?? throw new InvalidOperationException($"A stored {typeof(T).Name} is the text 'null'.");

    private static void Write(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, value) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(writer, value);
                }
                writer.WriteEndObject();
                break;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    Write(writer, item);
                }
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
