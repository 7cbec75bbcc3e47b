using Suture.Knowledge.Versions;
using CsCheck;

namespace Suture.Knowledge.Tests.Versions;

/// <summary>Valid Debian versions made of the pieces that real ones fall over.</summary>
internal static class VersionGen
{
    private static readonly Gen<string> piece = Gen.OneOf(
        "0", "00", "1", "9", "10", "01", "2026", "99999999999999999999999999", "100000000000000000000000000",
        "~", "~~", "+", ".", "a", "b", "z", "Z", "A", "rc", "deb12u1", "~deb12u1", "+deb12u10", "+b1", "+dfsg", "~rc1", "-", "--");

    private static readonly Gen<string> tail = piece.List[0, 5].Select(pieces => string.Concat(pieces));

    private static readonly Gen<string> epoch = Gen.OneOf("", "", "", "0:", "1:", "00:", "2:", "2147483647:");

    private static readonly Gen<string> revision = Gen.OneOf(Gen.Const(""), piece.List[1, 3].Select(pieces => "-" + string.Concat(pieces).Replace("-", "", StringComparison.Ordinal)));

    /// <summary>Any valid version.</summary>
    public static Gen<string> Any { get; } =
        Gen.Select(epoch, Gen.OneOf("0", "1", "1.0", "2", "10", "1.2.3", "0.0~"), tail, revision)
            .Select((e, head, body, end) => e + head + body + (end == "-" ? "" : end))
            .Where(version => DebianVersion.IsValid(version));

    /// <summary>Two versions that are likely to be near each other.</summary>
    public static Gen<(string Left, string Right)> Pair { get; } = Gen.OneOf(
        Gen.Select(Any, Any),
        Gen.Select(Any, piece).Select((version, more) => (version, version + more)).Where(pair => DebianVersion.IsValid(pair.Item2)),
        Gen.Select(epoch, Any).Select((e, version) => (version, e + version)).Where(pair => DebianVersion.IsValid(pair.Item2)));

    /// <summary>The same pairs each time.</summary>
    public static List<(string Left, string Right)> Pairs(int count)
    {
        var pcg = new PCG(1, 2026);
        var pairs = new List<(string, string)>(count);
        for (var i = 0; i < count; i++)
        {
            pairs.Add(Pair.Generate(pcg, null, out _));
        }
        return pairs;
    }
}
