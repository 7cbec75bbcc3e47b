using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;

namespace Suture.Cli.Commands;

/// <summary><c>sign-out</c>: ends the kept session, on the server too. An API token in <c>SUTURE_TOKEN</c> is not touched.</summary>
internal static class SignOutCommand
{
    public static Command Create(CliConsole console)
    {
        var command = new Command("sign-out", "End the session that sign-in opened, and forget it here.");
        command.SetAction(async (_, cancellation) =>
        {
            if (ServerSession.Kept(console) is not { } session)
            {
                TextLines.Line(console, "Nobody is signed in here.");
                return Exit.Done;
            }
            ServerSession.Forget(console);
            try
            {
                using var client = new ApiClient(session);
                await client.SendAsync(HttpMethod.Post, "auth/sign-out", cancellation);
            }
            catch (NotSignedInException)
            {
                // It had ended already.
            }
            catch (CliException fault)
            {
                throw new CliException(Exit.Failure, $"The session is forgotten here, and it could not be ended on the server, where it ends by itself: {fault.Message}");
            }
            TextLines.Line(console, "Signed out.");
            return Exit.Done;
        });
        return command;
    }
}
