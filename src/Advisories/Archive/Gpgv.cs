using System.ComponentModel;
using System.Diagnostics;

namespace Suture.Advisories.Archive;

/// <summary>The distribution's own program that checks signatures.</summary>
internal sealed class Gpgv(TimeProvider time)
{
    /// <summary>Longest a check may take; a release file takes some 20 ms.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private const string Program = "/usr/bin/gpgv";
    private const int ErrorShownMax = 400;

    /// <summary>Checks a file that is signed inline, and writes what was signed.</summary>
    /// <param name="keyring">Keys that are trusted.</param>
    /// <param name="signed">The file.</param>
    /// <param name="output">Where to; nothing is there when the signature does not hold.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="InvalidDataException">The signature does not hold, or could not be checked.</exception>
    internal async Task VerifyAsync(string keyring, string signed, string output, CancellationToken cancellation)
    {
        if (!File.Exists(keyring))
        {
            throw new InvalidDataException($"the keyring {keyring} is not there; install the package debian-archive-keyring or name another keyring");
        }
        using var late = new CancellationTokenSource(Deadline, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        using var process = Start(["--keyring", keyring, "--output", output, "--", signed]);
        process.StandardInput.Close();
        await using var stop = end.Token.Register(process.Kill);
        // Both are read while it runs: a program that nobody reads waits.
        var texts = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        await process.WaitForExitAsync(CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        if (late.IsCancellationRequested)
        {
            throw new InvalidDataException($"its signature could not be checked: {Program} gave no answer within {Deadline.TotalSeconds:0} s");
        }
        if (process.ExitCode != 0 || !File.Exists(output))
        {
            throw new InvalidDataException($"its signature does not hold (gpgv ended with {process.ExitCode}): {Cut(texts[1])}");
        }
    }

    private static Process Start(IEnumerable<string> arguments)
    {
        try
        {
            return Process.Start(
                new ProcessStartInfo(Program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception fault)
        {
            throw new InvalidDataException(
                $"{Program} cannot be started ({fault.Message}); install the package gpgv: without it no signature is checked and nothing is read", fault);
        }
    }

    private static string Cut(string text) => text.Length <= ErrorShownMax ? text.Trim() : text[..ErrorShownMax].Trim();
}
