using System.CommandLine;

namespace Suture.Bench;

/// <summary>Options that are whole numbers within bounds.</summary>
internal static class Numbers
{
    /// <summary>An option from 1 to a bound.</summary>
    /// <param name="name">Its name, with dashes.</param>
    /// <param name="description">What it is, without its bounds.</param>
    /// <param name="standard">Value when it is not given.</param>
    /// <param name="most">Highest value.</param>
    internal static Option<int> Option(string name, string description, int standard, int most)
    {
        var option = new Option<int>(name) { Description = $"{description}, 1 to {most}", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            // A text that is no number has its own error.
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var value) && (value < 1 || value > most))
            {
                result.AddError($"{name} is {value}, wanted 1 to {most}.");
            }
        });
        return option;
    }
}
