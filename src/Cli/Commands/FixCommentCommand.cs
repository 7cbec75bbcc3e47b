using System.CommandLine;
using Suture.Cli.Rendering;
using Suture.Cli.Server;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Cli.Commands;

/// <summary><c>fixes comment FIX TEXT</c>.</summary>
internal static class FixCommentCommand
{
    public static Command Create(CliConsole console)
    {
        var fix = SharedOptions.FixArgument();
        var text = new Argument<string>("text") { Description = "What to say, at most 4,000 characters." };
        var command = new ServerCommand(console, "comment", "Add a comment to a fix; it stays when the version to reach rises.", fix, text);
        return command.Does(async (parsed, client, cancellation) =>
        {
            var path = FixShowCommand.Path(await Find.FixKeyAsync(client, parsed.GetRequiredValue(fix), cancellation));
            var detail = await client.SendAsync(
                HttpMethod.Post, $"{path}/comments", new CommentRequest { Text = parsed.GetRequiredValue(text) }, ContractsJson.Default.CommentRequest, ContractsJson.Default.FixDetail,
                cancellation);
            return await command.PrintAsync(parsed, detail, ContractsJson.Default.FixDetail, shown => FixText.WriteComments(console, shown.Comments));
        });
    }
}
