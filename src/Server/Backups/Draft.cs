namespace Suture.Server.Backups;

/// <summary>The folder under whose name a backup, or a data folder, grows until it is whole.</summary>
internal static class Draft
{
    /// <summary>Its name, when nothing is there: what fails is removed with all that is in it, so it must be ours alone.</summary>
    /// <exception cref="BackupException">Something is there.</exception>
    internal static string Of(string target) => target + ".partial" is var draft && Path.Exists(draft)
        ? throw new BackupException($"{draft} is there: a backup or restore that was broken off left it, or somebody else made it. Look into it, remove it, then try again.")
        : target + ".partial";
}
