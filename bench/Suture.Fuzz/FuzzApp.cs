using System.Diagnostics;
using System.Runtime.InteropServices;
using SharpFuzz;

namespace Suture.Fuzz;

/// <summary>The command line: <c>list</c>, <c>TARGET</c> under afl-fuzz, <c>TARGET FILE...</c> to look at inputs.</summary>
internal static class FuzzApp
{
    private const int TraceBytes = 1 << 16;
    private const string SeedsVariable = "SUTURE_FUZZ_SEEDS";

    /// <summary>An input that takes longer is a finding; the same for afl-fuzz, in <c>bench/fuzz</c>.</summary>
    private static readonly TimeSpan ParseMax = TimeSpan.FromSeconds(1);

    private const int Good = 0;
    private const int Broken = 1;
    private const int Usage = 2;

    public static unsafe int Run(string[] args)
    {
        // Instrumented code counts its ways here, until the fuzzer gives its own place.
        SharpFuzz.Common.Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(TraceBytes);
        if (args is ["list"])
        {
            foreach (var each in Targets.All)
            {
                Console.WriteLine(each.Name);
            }
            return Good;
        }
        if (args.Length == 0 || Targets.All.FirstOrDefault(each => each.Name == args[0]) is not { } target)
        {
            Console.Error.WriteLine("suture-fuzz list | TARGET (run by afl-fuzz, see bench/fuzz) | TARGET FILE...");
            return Usage;
        }
        if (args.Length > 1)
        {
            return Replay(target, args.AsSpan(1));
        }
        WarmUp(target);
        // The parsers run in a process of their own, so that what no exception can hold (a full stack, a kill after a second) ends only that.
        Fuzzer.OutOfProcess.Run(stream => target.Check(ReadAll(stream)));
        return Good;
    }

    // What compiling the parser takes is not time of the first input.
    private static void WarmUp(FuzzTarget target)
    {
        if (Environment.GetEnvironmentVariable(SeedsVariable) is { Length: > 0 } seeds)
        {
            foreach (var file in Directory.GetFiles(seeds))
            {
                try
                {
                    target.Check(File.ReadAllBytes(file));
                }
                catch (Exception)
                {
                    // It is told when its turn comes.
                }
            }
        }
    }

    private static int Replay(FuzzTarget target, ReadOnlySpan<string> files)
    {
        var exit = Good;
        foreach (var file in files)
        {
            var input = File.ReadAllBytes(file);
            try
            {
                target.Check(input);
                var began = Stopwatch.GetTimestamp();
                var allocated = target.Check(input);
                var took = Stopwatch.GetElapsedTime(began);
                Console.WriteLine($"{file}: {input.Length} bytes, {allocated} allocated, {took.TotalMilliseconds:0} ms");
                exit = took > ParseMax ? Broken : exit;
            }
            catch (Exception fault)
            {
                Console.WriteLine($"{file}: {input.Length} bytes: {fault}");
                exit = Broken;
            }
        }
        return exit;
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
