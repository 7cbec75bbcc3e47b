namespace Suture.Server.Logging;

/// <summary>Keeps the log off the console until the first page is printed; the log file has all of it from the start.</summary>
internal sealed class ConsoleGate
{
    private volatile bool _isOpen;

    /// <summary>True once the log may go to the console.</summary>
    internal bool IsOpen => _isOpen;

    /// <summary>Lets the log go to the console from now on.</summary>
    internal void Open() => _isOpen = true;
}
