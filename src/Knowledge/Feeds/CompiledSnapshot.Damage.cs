namespace Suture.Knowledge.Feeds;

/// <content>What reading answers where the file says what cannot be. The checksum finds damage when a file is opened; whoever writes a file can make it fit, so that nothing that stands in it is trusted.</content>
public sealed unsafe partial class CompiledSnapshot
{
    private static T Whole<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (IsDamage(fault))
        {
            throw Damaged(fault);
        }
    }

    private static bool IsDamage(Exception fault) => fault is IndexOutOfRangeException or ArgumentException or OverflowException or InvalidOperationException;

    private static InvalidDataException Damaged(Exception fault) => new("The compiled feeds are damaged; remove the file, it is compiled anew from the feeds.", fault);

    /// <summary>A number of things as the file states it, of which there are at the most so many.</summary>
    private static int Count(int stated, int most) => stated >= 0 && stated <= most ? stated : throw new ArgumentOutOfRangeException(nameof(stated));
}
