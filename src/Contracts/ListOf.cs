using System.Text.Json;

namespace Suture.Contracts;

/// <summary>Lists of messages. The reader of JSON checks that a list is there, not what is in it.</summary>
internal static class ListOf
{
    /// <summary>The list, every item of it there.</summary>
    /// <param name="items">As read, or as written by a program of ours.</param>
    /// <typeparam name="T">The items.</typeparam>
    /// <exception cref="JsonException">An item is null: no message that is wanted.</exception>
    public static IReadOnlyList<T> Whole<T>(IReadOnlyList<T> items)
    {
        for (var index = 0; index < items.Count; index++)
        {
            if (items[index] is null)
            {
                throw new JsonException($"item {index} of a list is null");
            }
        }
        return items;
    }
}
