using System.Collections;

namespace Suture.Knowledge.Feeds.Compiled;

/// <summary>Fixes of one source, each read from the snapshot when it is first asked for.</summary>
internal sealed class FixList(CompiledSnapshot snapshot, string release, string source, int first, int count) : IReadOnlyList<SourceFix>
{
    private readonly SourceFix?[] _read = new SourceFix?[count];

    public int Count => _read.Length;

    public SourceFix this[int index] => _read[index] ?? Read(index);

    public IEnumerator<SourceFix> GetEnumerator()
    {
        for (var index = 0; index < _read.Length; index++)
        {
            yield return this[index];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private SourceFix Read(int index)
    {
        var fix = snapshot.FixAt(release, source, first + index);
        return Interlocked.CompareExchange(ref _read[index], fix, null) ?? fix;
    }
}
