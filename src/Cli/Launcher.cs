namespace Suture.Cli;

/// <summary>The launcher, through which people start everything.</summary>
internal static class Launcher
{
    /// <summary>How people call it in a checkout; hints begin with it so that they can be copied.</summary>
    public const string Name = "./suture";
}
