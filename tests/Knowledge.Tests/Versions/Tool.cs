using System.Diagnostics;

namespace Suture.Knowledge.Tests.Versions;

/// <summary>Runs a program of the system as an oracle.</summary>
internal static class Tool
{
    public const string Python = "/usr/bin/python3";
    public const string Dpkg = "/usr/bin/dpkg";
    public const string AptCache = "/usr/bin/apt-cache";

    public static async Task<(int ExitCode, string Output)> RunAsync(string file, string[] arguments, string input = "")
    {
        var start = new ProcessStartInfo(file) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        await errors;
        return (process.ExitCode, await output);
    }
}
