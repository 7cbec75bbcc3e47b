using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>Users for people.</summary>
internal static class UsersText
{
    public static void Write(CliConsole console, IReadOnlyList<UserRow> rows)
    {
        var listing = new Listing(new Column("USER"), new Column("ROLES"), new Column("GROUPS") { Below = groups => $"groups: {groups}" });
        foreach (var row in rows)
        {
            listing.Add([row.Name, Roles(row.Roles), Groups(row.Groups)], [row.IsEnabled ? null : "disabled"]);
        }
        listing.Write(console, "No user in your scope.");
    }

    /// <summary>A user in one sentence.</summary>
    public static string Describe(UserRow user) =>
        TextLines.Plain($"{user.Name}: {Roles(user.Roles)}; {(user.Groups is null ? "all groups" : $"groups {Groups(user.Groups)}")}{(user.IsEnabled ? "" : "; disabled")}");

    /// <summary>Prints a one-time code with the command that uses it.</summary>
    public static void WriteCode(CliConsole console, Uri server, SignInCodeResponse answer)
    {
        TextLines.Paragraph(console, Describe(answer.User));
        TextLines.Line(console, $"Sign in once, before {TextLines.Instant(answer.ExpiresUtc)}:\n  {Launcher.Name} sign-in --server {server} --user {answer.User.Name} --code {answer.Code}");
    }

    /// <summary>Roles in words.</summary>
    public static string Roles(IReadOnlyList<Role> roles) => roles.Count == 0 ? "no role" : string.Join(", ", roles.Select(role => role.ToString().ToLowerInvariant()));

    /// <summary>Groups in words.</summary>
    public static string Groups(IReadOnlyList<string>? groups) => groups is null ? "all" : groups.Count == 0 ? "none" : string.Join(", ", groups);
}
