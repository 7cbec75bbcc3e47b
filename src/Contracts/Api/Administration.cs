using System.Text.Json.Serialization;
using Suture.Contracts.Approvals;

namespace Suture.Contracts.Api;

/// <summary>What a person may do. A user holds any number of roles.</summary>
[JsonConverter(typeof(SnakeCase<Role>))]
public enum Role
{
    /// <summary>Sees what is in scope.</summary>
    Viewer = 1,
    /// <summary>Also comments, assigns and asks for plans.</summary>
    Analyst = 2,
    /// <summary>Also enrols endpoints and states asset context.</summary>
    Operator = 3,
    /// <summary>Also approves and rejects plans.</summary>
    Approver = 4,
    /// <summary>Also users, groups, policies and feeds.</summary>
    Admin = 5,
    /// <summary>Reads the ledger and everything else in scope; changes nothing.</summary>
    Auditor = 6,
}

/// <summary>Sign-in with a password or a one-time sign-in code.</summary>
public sealed record SignInRequest
{
    /// <summary>User name.</summary>
    public required string UserName { get; init; }

    /// <summary>Password or one-time code.</summary>
    public required string Secret { get; init; }

    /// <summary>The password to set, 12 to 128 characters: required with a one-time code; with a password it changes that; null keeps it.</summary>
    public string? NewPassword { get; init; }
}

/// <summary>A session.</summary>
public sealed record SignInResponse
{
    /// <summary>Bearer token of the session.</summary>
    public required string Token { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ExpiresUtc { get; init; }

    /// <summary>The user.</summary>
    public required UserRow User { get; init; }
}

/// <summary>A user.</summary>
public sealed record UserRow
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Roles, ordered.</summary>
    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>Groups in scope; null for all.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>False when it may not sign in.</summary>
    public bool IsEnabled { get; set; } = true;
}

/// <summary>A user to make; the answer carries a one-time sign-in code.</summary>
public sealed record UserRequest
{
    /// <summary>Name, 1 to 64 of letters, digits, dot, dash, underscore.</summary>
    public required string Name { get; init; }

    /// <summary>Roles.</summary>
    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>Groups in scope; null for all.</summary>
    public IReadOnlyList<string>? Groups { get; init; }
}

/// <summary>An API token to make. It never exceeds its creator's rights, now or later.</summary>
public sealed record TokenRequest
{
    /// <summary>What it is for.</summary>
    public required string Name { get; init; }

    /// <summary>Roles, a part of the creator's.</summary>
    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>Groups in scope, a part of the creator's; null for all of the creator's.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Days until it ends, 1 to 365.</summary>
    public required int Days { get; init; }
}

/// <summary>A token, shown once.</summary>
public sealed record TokenResponse
{
    /// <summary>Id, to revoke it by.</summary>
    public required Guid Id { get; init; }

    /// <summary>The token.</summary>
    public required string Token { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ExpiresUtc { get; init; }
}

/// <summary>An API token in a list; never its secret.</summary>
public sealed record TokenRow
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>What it is for.</summary>
    public required string Name { get; init; }

    /// <summary>User who made it.</summary>
    public required string User { get; init; }

    /// <summary>Roles it was given, ordered. In force are those that its user holds too.</summary>
    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>Groups it was given, ordered; null for all of its user's.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedUtc { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ExpiresUtc { get; init; }

    /// <summary>When it was revoked; null when it was not.</summary>
    public DateTimeOffset? RevokedUtc { get; init; }
}

/// <summary>A one-time sign-in code, shown once.</summary>
public sealed record SignInCodeResponse
{
    /// <summary>The user.</summary>
    public required UserRow User { get; init; }

    /// <summary>The code; it sets a password at the first sign-in and is used up by that.</summary>
    public required string Code { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ExpiresUtc { get; init; }
}

/// <summary>New rights of a user.</summary>
public sealed record UserRightsRequest
{
    /// <summary>All roles it shall hold.</summary>
    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>All groups it shall have in scope; null for all.</summary>
    public IReadOnlyList<string>? Groups { get; init; }
}

/// <summary>Work of the server that failed for good and waits for a person.</summary>
public sealed record WorkRow
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Kind, <c>exposure.match-asset</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is about.</summary>
    public required string Subject { get; init; }

    /// <summary>How often it was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>When it was first asked for.</summary>
    public required DateTimeOffset CreatedUtc { get; init; }

    /// <summary>When it was last tried: since then it rests as failed.</summary>
    public required DateTimeOffset LastTriedUtc { get; init; }

    /// <summary>Why the last try failed; null when not known.</summary>
    public string? Error { get; init; }
}

/// <summary>A group to make.</summary>
public sealed record GroupRequest
{
    /// <summary>Name, unique.</summary>
    public required string Name { get; init; }
}

/// <summary>A group.</summary>
public sealed record GroupRow
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Assets in it; null when not counted.</summary>
    public int? Assets { get; init; }
}

/// <summary>Whose signatures the agents of a group demand on plans.</summary>
public sealed record GroupApprovers
{
    /// <summary>Name of the group.</summary>
    public required string Group { get; init; }

    /// <summary>Digest of the newest set, 64 lower-case hex digits: <c>suture-agent status</c> shows the one an endpoint holds. Null when no signatures are demanded.</summary>
    public string? Digest { get; init; }

    /// <summary>The newest set; null when no signatures are demanded.</summary>
    public SignedApproverSet? Set { get; init; }

    /// <summary>Assets in the group, retired ones apart.</summary>
    public required int Assets { get; init; }

    /// <summary>Those whose agents hold the newest set; the others take it with their next poll, or hold one that did not sign it.</summary>
    public required int Holding { get; init; }
}

/// <summary>Asks for a one-use enrolment token.</summary>
public sealed record EnrollmentTokenRequest
{
    /// <summary>Group the endpoint will be in.</summary>
    public required string Group { get; init; }

    /// <summary>Environment it will have, <c>production</c>, <c>staging</c>, ...</summary>
    public required string Environment { get; init; }

    /// <summary>Minutes it is valid, 1 to 60.</summary>
    public int Minutes { get; set; } = 60;
}

/// <summary>A one-use token and the command that uses it.</summary>
public sealed record EnrollmentTokenResponse
{
    /// <summary>The token, shown once.</summary>
    public required string Token { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ExpiresUtc { get; init; }

    /// <summary>The whole join command, with the server's address and the fingerprint of its certificate authority.</summary>
    public required string Command { get; init; }
}

/// <summary>A policy document.</summary>
public sealed record PolicyDocument
{
    /// <summary>YAML text, at most 256 KiB.</summary>
    public required string Yaml { get; init; }

    /// <summary>Digest of the text in force; null in requests.</summary>
    public string? Digest { get; init; }

    /// <summary>When it was applied; null in requests.</summary>
    public DateTimeOffset? AppliedUtc { get; init; }
}

/// <summary>Faults of a policy document; none when it is good.</summary>
public sealed record PolicyCheckResult
{
    /// <summary>All faults, in the order of lines.</summary>
    public required IReadOnlyList<PolicyFault> Faults { get; init; }
}

/// <summary>One fault.</summary>
public sealed record PolicyFault
{
    /// <summary>Line, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Column, from 1.</summary>
    public required int Column { get; init; }

    /// <summary>Where in the document, <c>rules[0].when.environment</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The value seen.</summary>
    public required string Value { get; init; }

    /// <summary>What is wrong and what to write instead.</summary>
    public required string Remedy { get; init; }
}

/// <summary>Asks the server to read feeds from a folder of its own machine.</summary>
public sealed record FeedImportRequest
{
    /// <summary>The folder.</summary>
    public required string Directory { get; init; }

    /// <summary>Feeds whose size the caller has found right, so that it is not compared with what is in force; may be empty.</summary>
    public IReadOnlyList<string> Accept { get; set => field = ListOf.Whole(value); } = [];
}

/// <summary>What an import of feeds did.</summary>
public sealed record FeedImportAnswer
{
    /// <summary>The feeds after it, ordered by name.</summary>
    public required IReadOnlyList<FeedRow> Items { get; init; }

    /// <summary>Feeds of which something came into force, ordered by name; also when it was the same as before.</summary>
    public required IReadOnlyList<string> Taken { get; init; }

    /// <summary>What was refused, each with feed, file, line and reason; the content that was in force before stays. Empty when all was taken.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Files of which lines were left out, one sentence each.</summary>
    public required IReadOnlyList<string> LeftOut { get; init; }
}

/// <summary>What the server says of itself.</summary>
public sealed record ServerStatus
{
    /// <summary>Version.</summary>
    public required string Version { get; init; }

    /// <summary>Its clock.</summary>
    public required DateTimeOffset AtUtc { get; init; }

    /// <summary>True when one person may ask for and approve a plan.</summary>
    public required bool IsSolo { get; init; }

    /// <summary>True when every answer is complete; false while it still loads.</summary>
    public required bool IsReady { get; init; }

    /// <summary>How the ledger stands; null for callers without all groups.</summary>
    public LedgerState? Ledger { get; init; }

    /// <summary>Work items that wait.</summary>
    public required int WorkWaiting { get; init; }

    /// <summary>Work items that failed for good: what they stand for does not happen until a person has them tried again. Null for callers without all groups,
    /// since work belongs to no group.</summary>
    public int? WorkFailed { get; init; }

    /// <summary>Those of them that failed first, at most 20, each with its error and since when; all are in <c>GET /work/failed</c>. Null for callers without all groups.</summary>
    public IReadOnlyList<WorkRow>? FailedWork { get; init; }
}
