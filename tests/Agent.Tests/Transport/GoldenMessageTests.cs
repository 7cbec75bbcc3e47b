using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Suture.Contracts;
using Suture.Contracts.Approvals;
using Suture.Contracts.Inventory;
using Suture.Tests;

namespace Suture.Agent.Tests.Transport;

/// <summary>Messages between agent and server as they were, kept under <c>tests/golden/contracts</c>: agents and servers of different age understand each other. A golden file is never written anew; a message that
/// is new gets one with <c>UPDATE_GOLDEN=1</c>.</summary>
public sealed class GoldenMessageTests
{
    public static TheoryData<Type> Messages => [.. MessageJsonTests.Messages.Select(row => row.Data), typeof(SignedApproverSet), typeof(ApproverSet), typeof(PlanHead), typeof(AssetChanges)];

    public static TheoryData<Type> MessagesButReports => [.. Messages.Select(row => row.Data).Where(message => message.Namespace != typeof(AssetReport).Namespace)];

    /// <summary>What the other side sent in all its members is read, and nothing of it is lost or called otherwise by now.</summary>
    [Theory]
    [MemberData(nameof(Messages))]
    public void AMessageOfThenIsReadWhole(Type message)
    {
        foreach (var file in Kept(message, "whole"))
        {
            var then = JsonNode.Parse(File.ReadAllBytes(file))!;
            foreach (var context in (JsonSerializerOptions[])[AgentMessagesJson.Default.Options, ContractsJson.Default.Options])
            {
                var now = JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(then, context.GetTypeInfo(message)), context.GetTypeInfo(message));
                Assert.Empty(Missing(then, now, ""));
            }
        }
    }

    /// <summary>A message that has only what was required then is enough now: nothing that is demanded came to be.</summary>
    [Theory]
    [MemberData(nameof(Messages))]
    public void AMessageOfThenWithTheLeastIsEnough(Type message)
    {
        foreach (var file in Kept(message, "least"))
        {
            Assert.NotNull(JsonSerializer.Deserialize(File.ReadAllBytes(file), ContractsJson.Default.Options.GetTypeInfo(message)));
            Assert.NotNull(JsonSerializer.Deserialize(File.ReadAllBytes(file), AgentMessagesJson.Default.Options.GetTypeInfo(message)));
        }
    }

    /// <summary>What such a message does not have is as it would be in one that was made here: an empty list is none, not null.</summary>
    [Theory]
    [MemberData(nameof(Messages))]
    public void AMessageWithTheLeast_HasItsDefaults(Type message)
    {
        var made = Activator.CreateInstance(message)!;
        foreach (var type in (JsonTypeInfo[])[AgentMessagesJson.Default.Options.GetTypeInfo(message), ContractsJson.Default.Options.GetTypeInfo(message)])
        {
            var read = JsonSerializer.Deserialize(Make(type, isWhole: false), type)!;
            foreach (var member in type.Properties.Where(member => member.Get is not null && !member.IsRequired))
            {
                Assert.Equal(member.Get!(made), member.Get(read));
            }
        }
    }

    /// <summary>No list of a message holds null; reports are told place by place what is wrong with them, in the server.</summary>
    [Theory]
    [MemberData(nameof(MessagesButReports))]
    public void AListWithNullInIt_IsNotRead(Type message)
    {
        var type = AgentMessagesJson.Default.Options.GetTypeInfo(message);
        foreach (var member in type.Properties.Where(member => member.PropertyType.IsGenericType && member.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)))
        {
            var broken = Make(type, isWhole: false);
            broken[member.Name] = new JsonArray((JsonNode?)null);

            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(broken, type));
        }
    }

    /// <summary>Members that a later version adds are read over.</summary>
    [Theory]
    [MemberData(nameof(Messages))]
    public void AMessageOfLaterIsRead(Type message)
    {
        var later = Make(AgentMessagesJson.Default.Options.GetTypeInfo(message), isWhole: true);
        AddToEveryObject(later);

        Assert.NotNull(JsonSerializer.Deserialize(later, AgentMessagesJson.Default.Options.GetTypeInfo(message)));
        Assert.NotNull(JsonSerializer.Deserialize(later, ContractsJson.Default.Options.GetTypeInfo(message)));
    }

    private static IReadOnlyList<string> Kept(Type message, string what)
    {
        var folder = Path.Combine(TestPaths.Repository, "tests", "golden", "contracts");
        var path = Path.Combine(folder, $"{message.Name}.{what}.json");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && !File.Exists(path))
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(path, Make(ContractsJson.Default.Options.GetTypeInfo(message), what == "whole").ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        }
        Assert.True(File.Exists(path), $"{path} is missing; run with UPDATE_GOLDEN=1 and read it.");
        return [path];
    }

    /// <summary>A message with a value in each member, or in each that is required.</summary>
    private static JsonObject Make(JsonTypeInfo type, bool isWhole)
    {
        var made = new JsonObject();
        foreach (var member in type.Properties.Where(member => member.Get is not null && (isWhole || member.IsRequired)))
        {
            made[member.Name] = Value(member.PropertyType, isWhole);
        }
        return made;
    }

    private static JsonNode? Value(Type declared, bool isWhole)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type.IsEnum)
        {
            return JsonSerializer.SerializeToNode(Enum.GetValues(type).GetValue(0), ContractsJson.Default.Options.GetTypeInfo(type));
        }
        if ((type.IsArray ? type.GetElementType() : type.IsGenericType && type.GetGenericArguments() is [var only] ? only : null) is { } item)
        {
            return new JsonArray(Value(item, isWhole));
        }
        if (type.IsGenericType && type.GetGenericArguments() is [_, var value])
        {
            return new JsonObject { ["key"] = Value(value, isWhole) };
        }
        return type switch
        {
            _ when type == typeof(string) => JsonValue.Create("text"),
            _ when type == typeof(bool) => JsonValue.Create(true),
            _ when type == typeof(Guid) => JsonValue.Create("01998888-0000-7000-8000-000000000001"),
            _ when type == typeof(DateTimeOffset) => JsonValue.Create("2026-11-27T12:00:00+00:00"),
            _ when type.IsPrimitive => JsonValue.Create(1),
            _ => Make(ContractsJson.Default.Options.GetTypeInfo(type), isWhole),
        };
    }

    private static IEnumerable<string> Missing(JsonNode? then, JsonNode? now, string path) => (then, now) switch
    {
        (JsonObject was, JsonObject still) => was.SelectMany(member => Missing(member.Value, still[member.Key], $"{path}/{member.Key}")),
        (JsonArray was, JsonArray still) when was.Count == still.Count => was.Zip(still).SelectMany((pair, index) => Missing(pair.First, pair.Second, $"{path}/{index}")),
        _ => JsonNode.DeepEquals(then, now) ? [] : [$"{path}: {then?.ToJsonString()} became {now?.ToJsonString() ?? "nothing"}"],
    };

    private static void AddToEveryObject(JsonNode? node)
    {
        foreach (var below in node switch { JsonObject members => members.Select(member => member.Value).ToList(), JsonArray items => [.. items], _ => [] })
        {
            AddToEveryObject(below);
        }
        if (node is JsonObject found && found.ContainsKey("key") is false)
        {
            found["ofTomorrow"] = new JsonObject { ["x"] = 1 };
        }
    }
}
