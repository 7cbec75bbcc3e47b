namespace Suture.Inventory.Reports;

/// <summary>Faults of a message by the place they are at; all of them up to a bound, so that one answer tells them together.</summary>
internal sealed class ReportFaults
{
    private readonly Dictionary<string, List<string>> _byPlace = new(StringComparer.Ordinal);
    private int _told;

    public int Count { get; private set; }

    /// <summary>Notes a fault unless the statement holds.</summary>
    public void Require(bool holds, string place, string wanted)
    {
        if (holds)
        {
            return;
        }
        Count++;
        if (_told >= InventoryLimits.FaultsToldMax)
        {
            return;
        }
        _told++;
        if (!_byPlace.TryGetValue(place, out var texts))
        {
            _byPlace[place] = texts = [];
        }
        texts.Add(wanted);
    }

    public IReadOnlyDictionary<string, string[]> ToErrors() => _byPlace.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal);

    public string Summary() => Count <= _told ? $"{Count} faults; each is named under errors." : $"{Count} faults; the first {_told} are named under errors.";
}
