using Suture.Contracts.Api;

namespace Suture.Cli.Rendering;

/// <summary>API tokens for people.</summary>
internal static class TokensText
{
    public static void Write(CliConsole console, IReadOnlyList<TokenRow> rows)
    {
        var now = console.Time.GetUtcNow();
        var listing = new Listing(
            new Column("TOKEN"), new Column("FOR"), new Column("USER"), new Column("STATE"), new Column("ROLES") { Below = roles => roles }, new Column("GROUPS") { Below = groups => $"groups: {groups}" });
        foreach (var row in rows)
        {
            var state = row.RevokedUtc is { } revoked ? $"revoked {TextLines.Instant(revoked)}"
                : row.ExpiresUtc <= now ? $"ended {TextLines.Instant(row.ExpiresUtc)}" : $"until {TextLines.Instant(row.ExpiresUtc)}";
            listing.Add([row.Id.ToString(), row.Name, row.User, state, UsersText.Roles(row.Roles), UsersText.Groups(row.Groups)]);
        }
        listing.Write(console, $"No token. Make one: {Launcher.Name} tokens create NAME --role viewer");
    }

    /// <summary>Prints a new token, the only time that it is shown.</summary>
    public static void WriteSecret(CliConsole console, TokenResponse token)
    {
        TextLines.Line(console, token.Token);
        TextLines.Paragraph(console, $"It is shown this once and holds until {TextLines.Instant(token.ExpiresUtc)}. Use it as SUTURE_TOKEN, or in the header Authorization: Bearer.");
        TextLines.Line(console, $"Revoke it with: {Launcher.Name} tokens revoke {token.Id}");
    }
}
