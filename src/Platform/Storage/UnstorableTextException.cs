namespace Suture.Platform.Storage;

/// <summary>Text that not every engine can keep: it holds U+0000 or half of a surrogate pair.</summary>
/// <param name="name">What holds it.</param>
/// <param name="reason">What is in it, and where.</param>
public sealed class UnstorableTextException(string name, string reason)
    : Exception($"The text of '{name}' holds {reason}, which cannot be kept. Remove it and send again.");
