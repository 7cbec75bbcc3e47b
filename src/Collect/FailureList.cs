using Suture.Contracts.Inventory;

namespace Suture.Collect;

/// <summary>Runs collectors so that one that fails leaves a failure and a null section, and never stops the others.</summary>
internal sealed class FailureList
{
    private readonly List<CollectorFailure> _failures = [];

    /// <summary>Failures so far, in the order they came.</summary>
    public IReadOnlyList<CollectorFailure> Failures => _failures;

    /// <summary>Runs one collector.</summary>
    /// <param name="collector">Its name in failures.</param>
    /// <param name="read">The work.</param>
    /// <returns>Its section; null when it failed.</returns>
    public T? Attempt<T>(string collector, Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            Add(collector, Describe(fault));
            return null;
        }
    }

    /// <summary>Adds a failure.</summary>
    public void Add(string collector, string reason) => _failures.Add(new CollectorFailure
    {
        Collector = collector,
        Reason = reason.Length <= CollectLimits.ReasonCharacters ? reason : reason[..CollectLimits.ReasonCharacters],
    });

    private static string Describe(Exception fault) => fault switch
    {
        CollectException => fault.Message,
        UnauthorizedAccessException => $"{fault.Message} Run as root.",
        IOException => fault.Message,
        _ => $"{fault.GetType().Name}: {fault.Message}",
    };
}
