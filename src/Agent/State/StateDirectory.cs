using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Suture.Contracts.Inventory;
using Suture.Contracts.Ledger;

namespace Suture.Agent.State;

/// <summary>The agent's directory: every file it keeps, read with bounds and written atomically.</summary>
/// <param name="root">Absolute path, mode 0700 when the agent makes it.</param>
internal sealed class StateDirectory(string root)
{
    /// <summary>Default place.</summary>
    public const string DefaultRoot = "/var/lib/suture-agent";

    /// <summary>Most bytes of any state file that is read whole (the software list of 100,000 packages fits).</summary>
    public const int FileBytesMax = 64 * 1024 * 1024;

    private const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The directory.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Journal of jobs.</summary>
    public string JournalPath => Path.Combine(Root, "journal.jsonl");

    /// <summary>Package files that were replaced, for the way back.</summary>
    public string KeptDirectory => Path.Combine(Root, "kept");

    /// <summary>Output of running work, one file a step.</summary>
    public string WorkDirectory => Path.Combine(Root, "work");

    /// <summary>Downloads of package files. Apart from the rest, because apt fetches as a user of its own that must be able to come here.</summary>
    public string ArchivesDirectory { get; } = "/var/cache/suture-agent/archives";

    /// <summary>What the collectors remember between reports.</summary>
    public string CollectDirectory => Path.Combine(Root, "collect");

    private string ConfigPath => Path.Combine(Root, "agent.json");

    private string IdentityPath => Path.Combine(Root, "identity.pem");

    private string ReportsPath => Path.Combine(Root, "reports.json");

    private string CheckpointsPath => Path.Combine(Root, "checkpoints.json");

    private string ApproversPath => Path.Combine(Root, "approvers.json");

    private string SoftwarePath => Path.Combine(Root, "software.json");

    /// <summary>Makes the directories; safe to call again.</summary>
    public void Create()
    {
        foreach (var directory in (string[])[Root, KeptDirectory, WorkDirectory, CollectDirectory])
        {
            Directory.CreateDirectory(directory, DirectoryMode);
        }
    }

    /// <summary>Makes the directory of downloads, open to apt's download user whatever mask the agent was started with; safe to call again. Root only.</summary>
    public void CreateArchives()
    {
        for (var directory = Directory.CreateDirectory(ArchivesDirectory); directory is { Name: not "cache" }; directory = directory.Parent)
        {
            File.SetUnixFileMode(directory.FullName, DirectoryMode | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    /// <summary>Reads the configuration.</summary>
    /// <returns>Null when this machine has not joined.</returns>
    /// <exception cref="InvalidDataException">The file is there but cannot be understood.</exception>
    public AgentConfig? ReadConfig() => Read(ConfigPath, AgentJson.Default.AgentConfig);

    /// <summary>Writes the configuration.</summary>
    /// <param name="config">Content.</param>
    public void WriteConfig(AgentConfig config) => AtomicFile.Write(ConfigPath, JsonSerializer.SerializeToUtf8Bytes(config, AgentJson.Default.AgentConfig));

    /// <summary>Reads key and certificate, one PEM text.</summary>
    /// <returns>Null when there is none.</returns>
    public string? ReadIdentity() => ReadBytes(IdentityPath) is { } bytes ? Encoding.ASCII.GetString(bytes) : null;

    /// <summary>Writes key and certificate as one file, so that they can never be of two generations.</summary>
    /// <param name="pem">Both, PEM.</param>
    public void WriteIdentity(string pem) => AtomicFile.Write(IdentityPath, Encoding.ASCII.GetBytes(pem));

    /// <summary>Reads what is remembered of reports. A file that cannot be understood counts as nothing remembered: the next report is then a full one.</summary>
    /// <returns>The memory.</returns>
    public ReportMemory ReadReports() => Read(ReportsPath, AgentJson.Default.ReportMemory) ?? ReportMemory.Empty;

    /// <summary>Stores what is remembered of reports.</summary>
    /// <param name="memory">Content.</param>
    public void WriteReports(ReportMemory memory) => AtomicFile.Write(ReportsPath, JsonSerializer.SerializeToUtf8Bytes(memory, AgentJson.Default.ReportMemory));

    /// <summary>Reads the kept checkpoints of the server's ledger.</summary>
    /// <returns>Oldest first; empty when none are kept.</returns>
    /// <exception cref="InvalidDataException">The file is there but cannot be understood.</exception>
    public IReadOnlyList<Checkpoint> ReadCheckpoints() => Read(CheckpointsPath, AgentJson.Default.IReadOnlyListCheckpoint) ?? [];

    /// <summary>Stores the kept checkpoints.</summary>
    /// <param name="checkpoints">Oldest first.</param>
    public void WriteCheckpoints(IReadOnlyList<Checkpoint> checkpoints) =>
        AtomicFile.Write(CheckpointsPath, JsonSerializer.SerializeToUtf8Bytes(checkpoints, AgentJson.Default.IReadOnlyListCheckpoint));

    /// <summary>Reads what is kept of approvals.</summary>
    /// <returns>Null when nothing is.</returns>
    /// <exception cref="InvalidDataException">The file is there but cannot be understood.</exception>
    public KeptApprovers? ReadApprovers() => Read(ApproversPath, AgentJson.Default.KeptApprovers);

    /// <summary>Stores what is kept of approvals.</summary>
    /// <param name="kept">Content.</param>
    public void WriteApprovers(KeptApprovers kept) => AtomicFile.Write(ApproversPath, JsonSerializer.SerializeToUtf8Bytes(kept, AgentJson.Default.KeptApprovers));

    /// <summary>Reads the software of the last acknowledged report, the base of differences.</summary>
    /// <returns>Null when there is none, or when it cannot be read: the next report is then a full one.</returns>
    public IReadOnlyList<InstalledPackage>? ReadSoftware()
    {
        try
        {
            return Read(SoftwarePath, AgentJson.Default.IReadOnlyListInstalledPackage);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>Stores the software of an acknowledged report.</summary>
    /// <param name="software">Ordered packages.</param>
    public void WriteSoftware(IReadOnlyList<InstalledPackage> software) =>
        AtomicFile.Write(SoftwarePath, JsonSerializer.SerializeToUtf8Bytes(software, AgentJson.Default.IReadOnlyListInstalledPackage));

    private static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        if (ReadBytes(path) is not { } bytes)
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize(bytes, type);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"State file '{path}' cannot be understood ({exception.Message}). Restore it, or join this machine anew.", exception);
        }
    }

    private static byte[]? ReadBytes(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return null;
        }
        return file.Length <= FileBytesMax
            ? File.ReadAllBytes(path)
            : throw new InvalidDataException($"State file '{path}' has {file.Length} bytes, at most {FileBytesMax} are read. Remove it, or join this machine anew.");
    }
}
