using System.Globalization;
using System.Text;
using System.Text.Json;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Bench.Hostile;

/// <summary>Judges one answer to a hostile message. Pure.</summary>
internal static class JudgeAnswer
{
    private const string ProblemType = "application/problem+json";

    /// <summary>What is wrong with the answer; null when nothing is.</summary>
    /// <param name="message">What was sent.</param>
    /// <param name="answer">What came.</param>
    /// <param name="elapsed">Time between.</param>
    public static string? Fault(HostileMessage message, RawAnswer answer, TimeSpan elapsed)
    {
        if (elapsed > HostileLimits.AnswerBar)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{message.Name}: answered {answer.Status} after {elapsed.TotalSeconds:F2} s");
        }
        if (answer.Status == 429)
        {
            return int.TryParse(answer.RetryAfter, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
                ? NoReason(message.Name, "", answer)
                : $"{message.Name}: 429 without a time to come back: '{answer.RetryAfter}'";
        }
        if (!message.Statuses.Contains(answer.Status))
        {
            return $"{message.Name}: answered {answer.Status}, wanted {string.Join(" or ", message.Statuses)}: {Text(answer)}";
        }
        return answer.Status >= 400 ? NoReason(message.Name, message.Reason, answer)
            : message.Check?.Invoke(answer) is { } wrong ? $"{message.Name}: {wrong}" : null;
    }

    private static string? NoReason(string name, string word, RawAnswer answer)
    {
        if (answer.ContentType?.StartsWith(ProblemType, StringComparison.Ordinal) != true)
        {
            return $"{name}: the refusal {answer.Status} is '{answer.ContentType}', wanted {ProblemType}: {Text(answer)}";
        }
        Problem? problem;
        try
        {
            problem = JsonSerializer.Deserialize(answer.Body, ContractsJson.Default.Problem);
        }
        catch (JsonException)
        {
            problem = null;
        }
        if (problem is not { Title.Length: > 0, Detail.Length: > 0 } || problem.Status != answer.Status)
        {
            return $"{name}: the refusal {answer.Status} gives no reason: {Text(answer)}";
        }
        var told = string.Join('\n', (problem.Errors ?? new Dictionary<string, string[]>()).SelectMany(error => error.Value.Prepend(error.Key)).Prepend(problem.Detail).Prepend(problem.Title));
        return word.Split('|').Any(one => told.Contains(one, StringComparison.OrdinalIgnoreCase)) ? null : $"{name}: the refusal {answer.Status} does not name '{word}': {Text(answer)}";
    }

    private static string Text(RawAnswer answer)
    {
        var text = Encoding.UTF8.GetString(answer.Body);
        return text.Length <= 400 ? text : text[..400];
    }
}
