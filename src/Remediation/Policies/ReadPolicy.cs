using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Suture.Contracts.Api;
using Suture.Contracts.Approvals;

namespace Suture.Remediation.Policies;

/// <summary>Reads a policy from its text, and reports all faults at once. The form is published as <c>docs/schema/policy.json</c>.</summary>
internal sealed partial class ReadPolicy
{
    private static readonly string[] Days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    private readonly PolicyFaults _faults = new();

    /// <summary>Reads the text.</summary>
    /// <returns>The policy, or null with at least one fault.</returns>
    public static (Policy? Policy, IReadOnlyList<PolicyFault> Faults) From(string yaml)
    {
        var reader = new ReadPolicy();
        var top = PolicyText.Read(yaml, reader._faults);
        var policy = top is null ? null : reader.Top(top, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml))));
        return reader._faults.IsEmpty ? (policy, []) : (null, reader._faults.All);
    }

    private Policy? Top(PolicyNode top, string digest)
    {
        if (top.Members is null)
        {
            _faults.Add(top, "a policy is a mapping with version, name and rules");
            return null;
        }
        Known(top, "version", "name", "rules");
        if (Needed(top, "version") is { } version && version.Scalar != "1")
        {
            _faults.Add(version, "the only version is 1");
        }
        var name = Needed(top, "name") is { } named ? Text(named) : "";
        var rules = Needed(top, "rules") is { } list ? Rules(list) : [];
        return new Policy { Name = name, Rules = rules, Digest = digest };
    }

    private List<PolicyRule> Rules(PolicyNode list)
    {
        if (list.Items is null)
        {
            _faults.Add(list, "a list of rules, each beginning with '- name:'; [] for none");
            return [];
        }
        if (list.Items.Count > RemediationLimits.PolicyRulesMax)
        {
            _faults.Add(list.Line, list.Column, list.Path, $"{list.Items.Count} rules", $"at most {RemediationLimits.PolicyRulesMax} rules");
        }
        var rules = new List<PolicyRule>();
        foreach (var item in list.Items)
        {
            if (item.Members is null)
            {
                _faults.Add(item, "a rule is a mapping with name, when and then");
                continue;
            }
            Known(item, "name", "when", "then");
            var named = Needed(item, "name");
            var name = named is null ? "" : Text(named);
            if (named is not null && rules.Any(rule => rule.Name == name))
            {
                _faults.Add(named, "another rule has this name; names are unique, since plans and the ledger refer to them");
            }
            var when = Needed(item, "when") is { } condition ? Condition(condition) : new PolicyCondition();
            var then = Needed(item, "then") is { } treatment ? Then(treatment) : null;
            rules.Add(new PolicyRule { Name = name, When = when, Then = then ?? new PolicyTreatment { Treatment = Treatment.Review } });
        }
        return rules;
    }

    private PolicyCondition Condition(PolicyNode node)
    {
        if (node.Members is null)
        {
            _faults.Add(node, "a mapping of conditions that must all hold; {} matches everything");
            return new PolicyCondition();
        }
        Known(node, "environment", "critical", "unrated", "kev", "deadlineDays", "source", "group");
        var (environments, excluded) = Optional(node, "environment") is { } environment ? Environment(environment) : (null, false);
        return new PolicyCondition
        {
            Environments = environments,
            EnvironmentsExcluded = excluded,
            Critical = Optional(node, "critical") is { } critical ? Flag(critical) : null,
            Unrated = Optional(node, "unrated") is { } unrated ? Flag(unrated) : null,
            Kev = Optional(node, "kev") is { } kev ? Flag(kev) : null,
            DeadlineDaysAtMost = Optional(node, "deadlineDays") is { } days ? AtMost(days) : null,
            Sources = Optional(node, "source") is { } sources ? Set(sources, lower: false) : null,
            Groups = Optional(node, "group") is { } groups ? Set(groups, lower: false) : null,
        };
    }

    private (IReadOnlySet<string>?, bool) Environment(PolicyNode node)
    {
        if (node.Members is null)
        {
            return (Set(node, lower: true), false);
        }
        Known(node, "not");
        return (Needed(node, "not") is { } not ? Set(not, lower: true) : null, true);
    }

    private int? AtMost(PolicyNode node)
    {
        if (node.Members is null)
        {
            _faults.Add(node, "write {atMost: DAYS}");
            return null;
        }
        Known(node, "atMost");
        if (Needed(node, "atMost") is not { } days)
        {
            return null;
        }
        if (!days.IsQuoted && int.TryParse(days.Scalar, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 3650)
        {
            return number;
        }
        _faults.Add(days, "a whole number of days, 0 to 3650");
        return null;
    }

    private PolicyTreatment? Then(PolicyNode node)
    {
        if (node.Members is null)
        {
            _faults.Add(node, "a mapping with at least 'treatment: patch', 'review' or 'ignore'");
            return null;
        }
        Known(node, "treatment", "approval", "window", "restart", "reboot");
        var treatment = Needed(node, "treatment") is { } what ? Choice(what, ("patch", Treatment.Patch), ("review", Treatment.Review), ("ignore", Treatment.Ignore)) : Treatment.Review;
        if (Member(node, "treatment")?.Scalar is not ("patch" or "review" or "ignore"))
        {
            // What else belongs here hangs on the treatment.
            return null;
        }
        if (treatment != Treatment.Patch)
        {
            foreach (var member in node.Members.Where(m => m.Name is "approval" or "window" or "restart" or "reboot"))
            {
                _faults.Add(member.Line, member.Column, member.Value.Path, member.Value.Shown, "only 'treatment: patch' has this; remove it");
            }
            return new PolicyTreatment { Treatment = treatment };
        }
        return new PolicyTreatment
        {
            Treatment = treatment,
            Approval = Needed(node, "approval") is { } approval ? Choice(approval, ("none", Approval.None), ("person", Approval.Person)) : Approval.Person,
            Window = Member(node, "window") is { IsNull: false } window ? Window(window) : null,
            Restart = Optional(node, "restart") is { } restart && Choice(restart, ("none", false), ("services", true)),
            Reboot = Optional(node, "reboot") is { } reboot && Choice(reboot, ("never", false), ("allowed", true)),
        };
    }

    private PlanWindow? Window(PolicyNode node)
    {
        if (node.Members is null)
        {
            _faults.Add(node, "null, or a mapping with zone, days, start and end");
            return null;
        }
        Known(node, "zone", "days", "start", "end");
        var zone = Needed(node, "zone") is { } zoned ? Zone(zoned) : "";
        var days = Needed(node, "days") is { } listed ? WeekDays(listed) : [];
        var start = Needed(node, "start") is { } from ? Clock(from) : "";
        var ended = Needed(node, "end");
        var end = ended is null ? "" : Clock(ended);
        if (ended is not null && start.Length > 0 && start == end)
        {
            _faults.Add(ended, "start and end are equal, so the window is empty; end at another time");
        }
        return new PlanWindow { Zone = zone, Days = days, Start = start, End = end };
    }

    private string Zone(PolicyNode node)
    {
        var zone = Text(node);
        if (zone.Length > 0 && (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) || !found.HasIanaId))
        {
            _faults.Add(node, "an IANA zone id such as Europe/Vienna or Etc/UTC");
        }
        return zone;
    }

    private string[] WeekDays(PolicyNode node)
    {
        if (node.Items is not { Count: > 0 })
        {
            _faults.Add(node, "a list of days: [mon, tue, wed, thu, fri, sat, sun]");
            return [];
        }
        foreach (var wrong in node.Items.Where(item => !Days.Contains(item.Scalar)))
        {
            _faults.Add(wrong, "one of mon, tue, wed, thu, fri, sat, sun");
        }
        return [.. Days.Where(day => node.Items.Any(item => item.Scalar == day))];
    }

    private string Clock(PolicyNode node)
    {
        if (node.Scalar is { } text && ClockForm().IsMatch(text))
        {
            return text;
        }
        _faults.Add(node, "a time of day as \"HH:mm\", 00:00 to 23:59");
        return "";
    }

    private HashSet<string>? Set(PolicyNode node, bool lower)
    {
        if (node.Items is not { Count: > 0 })
        {
            _faults.Add(node, "a list with at least one name, such as [production]");
            return null;
        }
        if (node.Items.Count > RemediationLimits.PolicyListMax)
        {
            _faults.Add(node.Line, node.Column, node.Path, $"{node.Items.Count} entries", $"at most {RemediationLimits.PolicyListMax} entries");
        }
        return [.. node.Items.Select(Text).Select(text => lower ? text.ToLowerInvariant() : text)];
    }

    private string Text(PolicyNode node)
    {
        if (node.Scalar is { } text && text.Trim().Length > 0 && text.Length <= RemediationLimits.PolicyTextMax && !text.Any(char.IsControl))
        {
            return text;
        }
        _faults.Add(node, $"text of 1 to {RemediationLimits.PolicyTextMax} characters on one line");
        return "";
    }

    private bool? Flag(PolicyNode node)
    {
        if (!node.IsQuoted && node.Scalar is "true" or "false")
        {
            return node.Scalar == "true";
        }
        _faults.Add(node, "true or false; leave it out when it does not matter");
        return null;
    }

    private T Choice<T>(PolicyNode node, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var names = new List<string>();
        foreach (var (name, value) in choices)
        {
            if (node.Scalar == name)
            {
                return value;
            }
            names.Add(name);
        }
        _faults.Add(node, $"one of {string.Join(", ", names)}");
        return choices[0].Value;
    }

    private void Known(PolicyNode node, params string[] names)
    {
        foreach (var member in node.Members!.Where(member => !names.Contains(member.Name)))
        {
            _faults.Add(member.Line, member.Column, member.Value.Path, member.Name, $"not a member here; known are {string.Join(", ", names)}");
        }
    }

    private PolicyNode? Needed(PolicyNode node, string name)
    {
        var found = Member(node, name);
        if (found is null)
        {
            _faults.Add(node.Line, node.Column, node.Path.Length == 0 ? name : $"{node.Path}.{name}", "nothing", $"'{name}' is missing; add it");
        }
        return found;
    }

    /// <summary>A member that may be absent; one that is there without a value is a fault.</summary>
    private PolicyNode? Optional(PolicyNode node, string name)
    {
        var found = Member(node, name);
        if (found is { IsNull: true })
        {
            _faults.Add(found, $"'{name}' has no value; give one or remove the line");
            return null;
        }
        return found;
    }

    private static PolicyNode? Member(PolicyNode node, string name) => node.Members!.FirstOrDefault(member => member.Name == name)?.Value;

    [GeneratedRegex("^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    private static partial Regex ClockForm();
}
