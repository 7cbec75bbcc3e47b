using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Suture.Knowledge.Files;

namespace Suture.Collect.Files;

/// <summary>A small JSON file in the state folder: replaced whole, so that it is never half-written.</summary>
internal static class StateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Reads a file.</summary>
    /// <returns>Null when it is not there.</returns>
    /// <exception cref="CollectException">It is too large or no such JSON; the caller starts over and says so.</exception>
    public static T? Read<T>(string folder, string name, JsonTypeInfo<T> type)
        where T : class
    {
        var path = Path.Combine(folder, name);
        if (FileFacts.Of(path) is not { } facts)
        {
            return null;
        }
        if (facts.SizeBytes > CollectLimits.StateFileBytes)
        {
            throw new CollectException($"{path} has {facts.SizeBytes} bytes, at most {CollectLimits.StateFileBytes} are read; it is started over.");
        }
        try
        {
            using var stream = MachineRoot.OpenRaw(path);
            return JsonSerializer.Deserialize(stream, type) ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new CollectException($"{path} cannot be read ({fault.Message}); it is started over.");
        }
    }

    /// <summary>Replaces a file; the folder is made when missing and readable by its owner only.</summary>
    public static void Write<T>(string folder, string name, T value, JsonTypeInfo<T> type)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Facts are collected on Linux only.");
        }
        Directory.CreateDirectory(folder, OwnerOnly);
        var path = Path.Combine(folder, name);
        var fresh = path + ".new";
        using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(stream, value, type);
            stream.Flush(flushToDisk: true);
        }
        File.Move(fresh, path, overwrite: true);
    }
}
