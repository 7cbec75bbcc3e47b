using Suture.Fuzz;
using Suture.Tests;

namespace Suture.Architecture.Tests;

/// <summary>Each input of <c>tests/corpus</c> through the parser it is for: seeds of the fuzzer, and every input that ever broke one.</summary>
public sealed class CorpusTests
{
    private static readonly string Corpus = Path.Combine(TestPaths.Repository, "tests", "corpus");

    public static TheoryData<string> Names => [.. Targets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryInput_ItsParser_AnswersWithinBounds(string name)
    {
        var target = Targets.All.Single(target => target.Name == name);
        var files = Directory.Exists(Path.Combine(Corpus, name)) ? Directory.GetFiles(Path.Combine(Corpus, name)) : [];

        Assert.True(files.Length >= 3, $"tests/corpus/{name} has {files.Length} inputs; wanted are at least 3.");
        foreach (var file in files)
        {
            var fault = Record.Exception(() => target.Check(File.ReadAllBytes(file)));
            Assert.True(fault is null, $"{file}: {fault}");
        }
    }

    [Fact]
    public void EveryFolder_IsOfAParser() => Assert.Empty(Directory.GetDirectories(Corpus).Select(folder => Path.GetFileName(folder)).Except(Names.Select(row => row.Data)));

    [Fact]
    public void Check_ParserThatThrows_IsAFinding() =>
        Assert.Throws<NullReferenceException>(() => new FuzzTarget("planted", _ => throw new NullReferenceException()).Check([]));

    [Fact]
    public void Check_ParserThatAllocatesFarMoreThanItIsGiven_IsAFinding()
    {
        var planted = new FuzzTarget("planted", input => new byte[FuzzTarget.FloorDefault + (11 * input.Length)].Length > 0 ? 0 : 1);

        Assert.Throws<AllocationException>(() => planted.Check(new byte[1024]));
    }

    [Fact]
    public void Check_PackedInput_IsMeasuredByWhatItUnpacksTo()
    {
        var planted = new FuzzTarget("planted", _ => new byte[FuzzTarget.FloorDefault + (9 * 1024)].Length > 0 ? 1024 : 0);

        Assert.InRange(planted.Check([1]), FuzzTarget.FloorDefault, FuzzTarget.FloorDefault + (10 * 1024));
    }
}
