using System.Reflection;

namespace Suture.Agent.State;

/// <summary>Version of this build.</summary>
internal static class AgentVersion
{
    /// <summary>As the build says, without the commit.</summary>
    public static string Text { get; } =
        typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
