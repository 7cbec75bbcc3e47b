using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>sign-in</c>.</summary>
internal static class SignInCommand
{
    /// <summary>Shortest password that a one-time code may set; the server checks it too.</summary>
    private const int PasswordLengthMin = 12;

    public static Command Create(CliConsole console)
    {
        var server = SharedOptions.Server();
        var user = new Option<string>("--user") { Description = "User name.", Required = true };
        var code = new Option<string?>("--code") { Description = "One-time sign-in code; the password to set is then read from standard input." };
        var command = new Command("sign-in", "Sign in; later commands use the session. The password is read from standard input, or from SUTURE_PASSWORD.") { server, user, code };
        command.SetAction(async (parsed, cancellation) =>
        {
            var session = ServerSession.Find(console, parsed.GetValue(server)) with { Token = null };
            using var client = new ApiClient(session);
            var answer = await client.SendAsync(
                HttpMethod.Post, "auth/sign-in", await RequestAsync(console, parsed.GetRequiredValue(user), parsed.GetValue(code), cancellation),
                ContractsJson.Default.SignInRequest, ContractsJson.Default.SignInResponse, cancellation);
            (session with { Token = answer.Token }).Keep(console);
            await console.Out.WriteLineAsync($"Signed in as {answer.User.Name} until {TextLines.Instant(answer.ExpiresUtc)}. Next: {Launcher.Name} fixes");
            return Exit.Done;
        });
        return command;
    }

    private static async Task<SignInRequest> RequestAsync(CliConsole console, string user, string? code, CancellationToken cancellation)
    {
        var isNew = code is not null;
        var password = await SecretLine.ReadAsync(console, "SUTURE_PASSWORD", isNew ? "New password (at least 12 characters): " : "Password: ", cancellation);
        if (isNew && password.Length < PasswordLengthMin)
        {
            throw new CliException(Exit.Usage, $"The new password has {password.Length} characters; wanted are at least {PasswordLengthMin}. The code is not used up.");
        }
        return new SignInRequest { UserName = user, Secret = code ?? password, NewPassword = isNew ? password : null };
    }
}

/// <summary>A secret that a person types, pipes in or sets as a variable; what is typed is not shown.</summary>
internal static class SecretLine
{
    private const int CharactersMax = 1024;

    /// <summary>Reads it.</summary>
    /// <param name="console">Where from.</param>
    /// <param name="variable">Environment variable that is taken first.</param>
    /// <param name="prompt">What the person is asked.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<string> ReadAsync(CliConsole console, string variable, string prompt, CancellationToken cancellation)
    {
        if (console.Variable(variable) is { } set)
        {
            return set;
        }
        await console.Error.WriteAsync(prompt);
        var line = console.IsTerminal ? ReadHidden() : await console.In.ReadLineAsync(cancellation);
        await console.Error.WriteLineAsync();
        return line ?? throw new CliException(Exit.Usage, $"Nothing came on standard input for '{prompt.Trim()}'. Type it, pipe it in, or set {variable}.");
    }

    private static string ReadHidden()
    {
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar) && typed.Length < CharactersMax)
            {
                typed.Append(key.KeyChar);
            }
        }
        return typed.ToString();
    }
}
