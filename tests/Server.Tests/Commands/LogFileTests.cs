using Microsoft.Extensions.Logging;
using Suture.Server.Commands;
using Suture.Server.Logging;

namespace Suture.Server.Tests.Commands;

public sealed class LogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("suture-log-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Path => System.IO.Path.Combine(_folder.FullName, "server.log");

    [Fact]
    public void Log_Message_IsOneLineWithLevelCategoryAndId()
    {
        using (var file = new LogFile(Path))
        {
            file.CreateLogger("Suture.Test").Log(LogLevel.Warning, new EventId(2102), "first\r\n2026-01-01 forged", null, (state, _) => state);
        }

        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z Warning Suture\.Test\[2102\] first 2026-01-01 forged\n$", File.ReadAllText(Path));
    }

    [Fact]
    public void Log_BeyondTheBound_BeginsANewFileAndKeepsOne()
    {
        using (var file = new LogFile(Path, bytesMax: 200))
        {
            var logger = file.CreateLogger("t");
            for (var i = 0; i < 20; i++)
            {
                logger.Log(LogLevel.Warning, new EventId(1), $"line {i}", null, (state, _) => state);
            }
        }

        Assert.Equal(["server.log", "server.log.1"], _folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal));
        Assert.All(_folder.GetFiles(), file => Assert.InRange(file.Length, 1, 260));
        Assert.EndsWith("line 19\n", File.ReadAllText(Path));
    }

    [Fact]
    public void Log_FolderIsGone_DoesNotThrow()
    {
        using var file = new LogFile(System.IO.Path.Combine(_folder.FullName, "gone", "server.log"));

        file.CreateLogger("t").Log(LogLevel.Error, new EventId(1), "text", null, (state, _) => state);

        Assert.Empty(_folder.GetFileSystemInfos());
    }

    [Theory]
    [InlineData("<6>[7202] Report 1: Accepted.", LogLevel.Information, "[7202] Report 1: Accepted.")]
    [InlineData("<4>[7001] slow", LogLevel.Warning, "[7001] slow")]
    [InlineData("<3>[7001] broken", LogLevel.Error, "[7001] broken")]
    [InlineData("Unhandled exception: List<6> at", LogLevel.Error, "Unhandled exception: List<6> at")]
    public void Read_LineOfTheAgent_HasItsPriority(string line, LogLevel level, string text) => Assert.Equal((level, text), LocalAgent.Read(line));
}
