using System.Diagnostics;
using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>What a newcomer sees of <c>up</c>, from the real programs on this very machine.</summary>
public sealed class UpStory : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("suture-up-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Up_OnThisMachine_IsAPageInItsOrder_AndTheLogIsInItsFile()
    {
        Endpoint.Require();
        var feeds = _folder.CreateSubdirectory("feeds");
        await File.WriteAllTextAsync(Path.Combine(feeds.FullName, "known_exploited_vulnerabilities.json"), "<html>Moved</html>");

        var page = await PageAsync("--offline", "--feeds", feeds.FullName);

        string[] order =
        [
            "Feeds are read from ", "taken: none", "refused: cisa-kev", "Suture answers on ", "--code ", "This machine is looked at", "Its report is in after ", "All is read after ", "Not known of ",
            "cisa-kev ", "refused: cisa-kev", "This server runs until Ctrl-C",
        ];
        var at = 0;
        foreach (var mark in order)
        {
            var next = page.IndexOf(mark, at, StringComparison.Ordinal);
            Assert.True(next >= 0, $"'{mark}' does not follow in:\n{page}");
            at = next + mark.Length;
        }
        Assert.DoesNotContain("warn:", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<6>", page, StringComparison.Ordinal);
        var log = await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "data", "server.log"));
        Assert.Contains(" Warning Suture.Advisories.FeedLibrary[2002] Feed cisa-kev was not taken", log, StringComparison.Ordinal);
        Assert.Contains(" Information Suture.LocalAgent[9001] [7202] Report 1", log, StringComparison.Ordinal);
    }

    // Everything that is printed until the page is whole; the log's lines on standard error with it.
    private async Task<string> PageAsync(params string[] more)
    {
        var output = Path.Combine(TestPaths.Repository, "out");
        string[] arguments = ["up", "--data", Path.Combine(_folder.FullName, "data"), "--listen", Free("http"), "--agents", Free("https"), .. more];
        using var up = Command.Start(Path.Combine(output, "server", "suture-server"), arguments, new Dictionary<string, string>
        {
            ["SUTURE_AGENT"] = Path.Combine(output, "agent", "suture-agent"),
            ["SUTURE_CLI"] = Path.Combine(output, "cli", "suture-cli"),
        });
        var (lines, whole) = (new List<string>(), new TaskCompletionSource());
        DataReceivedEventHandler keep = (_, received) =>
        {
            lock (lines)
            {
                lines.Add(received.Data ?? "");
            }
            if (received.Data is null || received.Data.Contains("until Ctrl-C", StringComparison.Ordinal))
            {
                whole.TrySetResult();
            }
        };
        up.OutputDataReceived += keep;
        up.ErrorDataReceived += (_, received) => { lock (lines) { lines.Add(received.Data ?? ""); } };
        up.BeginOutputReadLine();
        up.BeginErrorReadLine();
        await whole.Task.WaitAsync(TimeSpan.FromMinutes(3), TimeProvider.System);
        // Asked to end, it takes its agent with it.
        await Command.RunAsync("/bin/kill", ["-TERM", up.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await up.WaitForExitAsync();
        lock (lines)
        {
            return string.Join('\n', lines);
        }
    }

    private static string Free(string scheme)
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return $"{scheme}://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
