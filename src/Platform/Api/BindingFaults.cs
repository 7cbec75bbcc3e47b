using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Suture.Platform.Api;

/// <summary>What the framework says of a value it could not read (<c>Failed to bind parameter "Nullable&lt;bool&gt; Kev" from "x".</c>) in the words of the API:
/// the parameter as callers write it, the value seen, the value wanted.</summary>
internal static partial class BindingFaults
{
    /// <summary>Characters told of a faulty value.</summary>
    internal const int ValueShownMax = 100;

    /// <summary>The sentence for the caller.</summary>
    /// <param name="route">The route that was called; null when not known.</param>
    /// <param name="message">The framework's sentence.</param>
    internal static string Describe(Endpoint? route, string message)
    {
        if (BadValue().Match(message) is { Success: true } bad)
        {
            var value = bad.Groups["value"].Value;
            var binding = QueryRules.Find(route, bad.Groups["name"].Value);
            var name = binding is null ? bad.Groups["name"].Value : QueryRules.NameOf(binding);
            return $"{name} is '{(value.Length <= ValueShownMax ? value : value[..ValueShownMax] + "...")}', wanted {Wanted(binding?.ParameterInfo.ParameterType)}.";
        }
        if (Missing().Match(message) is { Success: true } missing)
        {
            var binding = QueryRules.Find(route, missing.Groups["name"].Value);
            return $"{(binding is null ? missing.Groups["name"].Value : QueryRules.NameOf(binding))} is missing. Give it a value.";
        }
        return message.Contains("no body was provided", StringComparison.Ordinal)
            ? "The body is empty. Send a JSON body as 'Content-Type: application/json'; the API's description says what it holds."
            : message;
    }

    private static string Wanted(Type? declared)
    {
        var type = declared is null ? null : Nullable.GetUnderlyingType(declared) ?? declared;
        return type == typeof(bool) ? "true or false"
            : type == typeof(int) || type == typeof(long) ? "a whole number"
            : type == typeof(Guid) ? "an id of 32 hex digits"
            : "another kind of value; see the API's description";
    }

    [GeneratedRegex("^Failed to bind parameter \"[^\"]* (?<name>\\w+)\" from \"(?<value>.*)\"\\.$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex BadValue();

    [GeneratedRegex("^Required parameter \"[^\"]* (?<name>\\w+)\" was not provided", RegexOptions.CultureInvariant)]
    private static partial Regex Missing();
}
