using System.Globalization;
using System.Text;

namespace Suture.Server.Logging;

/// <summary>Writes the log to a file of bounded size, with one predecessor: <c>server.log</c> and <c>server.log.1</c>.</summary>
/// <param name="path">The file; its folder exists.</param>
/// <param name="bytesMax">Bytes from which the next line begins a new file.</param>
internal sealed class LogFile(string path, long bytesMax = LogFile.BytesMax) : ILoggerProvider
{
    /// <summary>Bytes of the log file; then it becomes the predecessor.</summary>
    internal const long BytesMax = 8L << 20;

    private readonly Lock _oneWriter = new();
    private FileStream? _file;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Write(string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        try
        {
            lock (_oneWriter)
            {
                if (_file?.Length >= bytesMax)
                {
                    _file.Dispose();
                    File.Move(path, path + ".1", overwrite: true);
                    _file = null;
                }
                _file ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
                _file.Write(bytes);
            }
        }
        catch (IOException)
        {
            // A full disk must not end the server; the console still has what the file lacks.
        }
    }

    private sealed class Writer(LogFile file, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var at = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            // A line end inside a message would let it pass for a line of its own.
            var message = formatter(state, exception).ReplaceLineEndings(" ");
            file.Write(string.Create(CultureInfo.InvariantCulture, $"{at} {logLevel} {category}[{eventId.Id}] {message}{(exception is null ? "" : $" {exception}")}\n"));
        }
    }
}
