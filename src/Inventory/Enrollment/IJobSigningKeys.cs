namespace Suture.Inventory;

/// <summary>Public keys that may sign jobs; registered by the stage that signs, told to agents at enrolment and renewal.</summary>
public interface IJobSigningKeys
{
    /// <summary>SubjectPublicKeyInfo (ECDSA P-256) in base64, by key id. Never empty where jobs are signed.</summary>
    IReadOnlyDictionary<string, string> PublicKeys { get; }
}

/// <summary>Stands in where nothing signs jobs: agents then accept none.</summary>
internal sealed class NoJobSigningKeys : IJobSigningKeys
{
    public IReadOnlyDictionary<string, string> PublicKeys { get; } = new Dictionary<string, string>();
}
