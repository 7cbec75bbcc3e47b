using System.Text;
using System.Text.Json;
using CsCheck;
using Suture.Inventory;
using Suture.Inventory.Reports;

namespace Suture.Server.Tests.Inventory;

public sealed class ScanJsonTests
{
    private const int Most = 4 * 1024 * 1024;

    [Fact]
    public void Read_AnyTextAsAMember_IsGoodWhenItIsWholeText() =>
        Gen.String[0, 300].Sample(text =>
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["a"] = text.Any(char.IsSurrogate) ? "" : text });
            return Scan(json) == (ScanOutcome.Good, json.Length);
        });

    [Fact]
    public void Read_InPiecesOfAnySize_IsTheSameAsWhole() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[0, 60_000]).Sample((piece, length) =>
        {
            var json = Encoding.UTF8.GetBytes($"{{\"{new string('n', length / 2)}\\u002b\":[1,true,null,\"\u00e9{new string('t', length)}\",{{}}]}}");
            return Scan(json, piece: piece) == Scan(json) && Scan(json).Outcome == ScanOutcome.Good;
        });

    [Theory]
    [InlineData(5, ScanOutcome.Good)]
    [InlineData(6, ScanOutcome.TooManyMembers)]
    public void Read_ListsAndObjectsUpToTheBound_AreGood(int count, object outcome)
    {
        var list = $"[{string.Join(',', Enumerable.Repeat("[1,2]", count))}]";
        var members = $"{{{string.Join(',', Enumerable.Range(0, count).Select(number => $"\"{number}\":{{\"a\":[1]}}"))}}}";

        Assert.Equal(outcome, Scan(Encoding.UTF8.GetBytes(list), members: 5).Outcome);
        Assert.Equal(outcome, Scan(Encoding.UTF8.GetBytes(members), members: 5).Outcome);
    }

    [Fact]
    public void Read_BytesOrATokenBeyondTheBound_EndThere()
    {
        var spaces = Encoding.UTF8.GetBytes($"{{{new string(' ', Most)}}}");
        var token = Encoding.UTF8.GetBytes($"{{\"a\":\"{new string('a', 2 * InventoryLimits.JsonTokenBytesMax)}\"}}");

        Assert.Equal((ScanOutcome.TooLarge, Most), Scan(spaces));
        Assert.Equal(ScanOutcome.TooLongToken, Scan(token).Outcome);
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc0, 0x80 })]
    [InlineData(new byte[] { 0xe2, 0x82 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData(new byte[] { (byte)'\\', (byte)'u', (byte)'d', (byte)'8', (byte)'0', (byte)'0' })]
    public void Read_WhatIsNotUtf8_IsNamedInNamesAndTexts(byte[] wrong)
    {
        Assert.Equal(ScanOutcome.NotUtf8, Scan([.. "{\"a\":\""u8, .. wrong, .. "\"}"u8]).Outcome);
        Assert.Equal(ScanOutcome.NotUtf8, Scan([.. "{\"a"u8, .. wrong, .. "\":1}"u8]).Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("[1,]")]
    [InlineData("// no\n{}")]
    [InlineData("garbage")]
    public void Read_WhatIsNotJson_Throws(string text) => Assert.ThrowsAny<JsonException>(() => Scan(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    [InlineData(100_000, false)]
    public void Read_Depth_IsBoundedAsTheContractsAre(int depth, bool isGood)
    {
        var json = Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));

        if (isGood)
        {
            Assert.Equal(ScanOutcome.Good, Scan(json).Outcome);
        }
        else
        {
            Assert.ThrowsAny<JsonException>(() => Scan(json));
        }
    }

    private static (ScanOutcome Outcome, int Bytes) Scan(byte[] json, int members = 1_000, int piece = int.MaxValue)
    {
        var scan = new ScanJson(Most, members);
        using var stream = new Pieces(json, piece);
        scan.Read(stream);
        return (scan.Outcome, scan.Bytes);
    }

    /// <summary>Hands out so many bytes at a time, as a network does.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));
    }
}
