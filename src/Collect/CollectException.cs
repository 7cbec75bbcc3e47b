namespace Suture.Collect;

/// <summary>A collector cannot do its work; the message is the reason that the report carries.</summary>
/// <param name="reason">One sentence: the thing, the value seen, the value wanted, the next step.</param>
internal sealed class CollectException(string reason) : Exception(reason);
