using System.Globalization;

namespace Suture.Fuzz;

/// <summary>An input made a parser allocate far more than its size.</summary>
/// <param name="message">The figures.</param>
internal sealed class AllocationException(string message) : Exception(message);

/// <summary>One parser, called as production calls it.</summary>
/// <param name="Name">Name on the command line and of the corpus's folder.</param>
/// <param name="Parse">Parses the input. An expected refusal is a return; whatever is thrown is a finding. Gives the bytes that the input unpacks to, as far as the parser reads
/// them; 0 for an input that is not packed.</param>
internal sealed record FuzzTarget(string Name, Func<byte[], long> Parse)
{
    /// <summary>Bytes that may be allocated for each byte of the input, or of what it unpacks to where that is more.</summary>
    public const int FactorDefault = 10;

    /// <summary>Bytes that any input may cost: readers take blocks of up to 80 KiB, packed and unpacked, and a message of a fault costs the same for one byte as for a thousand.</summary>
    public const int FloorDefault = 256 * 1024;

    private const int Tries = 3;

    /// <summary>As <see cref="FactorDefault"/>; more only where the reason stands beside it.</summary>
    public int Factor { get; init; } = FactorDefault;

    /// <summary>As <see cref="FloorDefault"/>; more only where the reason stands beside it.</summary>
    public int Floor { get; init; } = FloorDefault;

    /// <summary>What is done with an input beyond parsing it; only what it throws counts.</summary>
    public Action<byte[]>? Use { get; init; }

    /// <summary>Parses an input and holds the bound of allocation.</summary>
    /// <param name="input">The input.</param>
    /// <returns>Bytes allocated.</returns>
    /// <exception cref="AllocationException">More than the bound, each time: what a process makes once and keeps (readers of JSON, compiled expressions, blocks from a pool) is not the input's doing.</exception>
    public long Check(byte[] input)
    {
        var (allocated, bound) = (0L, 0L);
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var unpacked = Parse(input);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            bound = Floor + (Factor * Math.Max(input.LongLength, unpacked));
            if (allocated <= bound)
            {
                Use?.Invoke(input);
                return allocated;
            }
        }
        throw new AllocationException(string.Create(CultureInfo.InvariantCulture, $"{Name}: {allocated} bytes allocated for an input of {input.Length}; at most {bound} are taken"));
    }
}

/// <summary>A parser took what it reads apart otherwise than it says.</summary>
/// <param name="message">The texts.</param>
internal sealed class BrokenPromiseException(string message) : Exception(message);
