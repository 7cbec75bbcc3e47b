using System.Text;
using Suture.Contracts.Api;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Suture.Remediation.Policies;

/// <summary>A value of a policy document with its place. Exactly one of the three is set.</summary>
internal sealed record PolicyNode(int Line, int Column, string Path)
{
    public string? Scalar { get; init; }

    /// <summary>True for <c>null</c>, <c>~</c> and nothing.</summary>
    public bool IsNull { get; init; }

    /// <summary>True when the scalar stands in quotes: then it is text, whatever it looks like.</summary>
    public bool IsQuoted { get; init; }

    public IReadOnlyList<PolicyMember>? Members { get; init; }

    public IReadOnlyList<PolicyNode>? Items { get; init; }

    public string Shown => Scalar is { } text
        ? text.Length <= 60 ? text : text[..60] + "…"
        : Members is not null ? "a mapping" : Items is not null ? "a list" : "nothing";
}

internal sealed record PolicyMember(string Name, int Line, int Column, PolicyNode Value);

/// <summary>Collects faults in the order of lines, up to a bound.</summary>
internal sealed class PolicyFaults
{
    private readonly List<PolicyFault> _faults = [];

    public bool IsEmpty => _faults.Count == 0;

    public IReadOnlyList<PolicyFault> All =>
        [.. _faults.OrderBy(f => f.Line).ThenBy(f => f.Column).Take(RemediationLimits.PolicyFaultsMax)];

    public void Add(int line, int column, string path, string value, string remedy) =>
        _faults.Add(new PolicyFault { Line = line, Column = column, Path = path, Value = value, Remedy = remedy });

    public void Add(PolicyNode node, string remedy) => Add(node.Line, node.Column, node.Path, node.Shown, remedy);
}

/// <summary>Reads YAML text to nodes with places. Bounded; anchors, aliases, tags and second documents are refused.</summary>
internal sealed class PolicyText
{
    private readonly IParser _parser;
    private readonly PolicyFaults _faults;
    private int _nodes;

    private PolicyText(IParser parser, PolicyFaults faults)
    {
        _parser = parser;
        _faults = faults;
    }

    /// <summary>Reads the text.</summary>
    /// <returns>The top value; null when the text is no YAML within the bounds, then a fault says why.</returns>
    public static PolicyNode? Read(string yaml, PolicyFaults faults)
    {
        var bytes = Encoding.UTF8.GetByteCount(yaml);
        if (bytes > RemediationLimits.PolicyBytesMax)
        {
            faults.Add(1, 1, "", $"{bytes} bytes", $"a policy is at most {RemediationLimits.PolicyBytesMax} bytes; split rules by a shorter list or remove comments");
            return null;
        }
        var parser = new Parser(new StringReader(yaml));
        try
        {
            return new PolicyText(parser, faults).Document();
        }
        catch (YamlException fault)
        {
            faults.Add(Number(fault.Start.Line), Number(fault.Start.Column), "", "not YAML", $"mend the YAML here: {fault.Message}");
            return null;
        }
        // The scanner answers some broken texts with faults of its own making; what it read last tells where.
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or EndOfStreamException)
        {
            faults.Add(Number(parser.Current?.End.Line ?? 1), Number(parser.Current?.End.Column ?? 1), "", "not YAML", "mend the YAML after this place: a quote, bracket or colon does not fit");
            return null;
        }
    }

    private PolicyNode? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            _faults.Add(1, 1, "", "nothing", "write version, name and rules");
            return null;
        }
        _parser.Consume<DocumentStart>();
        var top = Value("", 1);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
        {
            _faults.Add(Number(second.Start.Line), Number(second.Start.Column), "", "---", "a policy is one document; remove the second");
        }
        return top;
    }

    private PolicyNode Value(string path, int depth)
    {
        var at = _parser.Current ?? throw new YamlException("the text ends in the middle of a value");
        var (line, column) = (Number(at.Start.Line), Number(at.Start.Column));
        _nodes++;
        if (depth > RemediationLimits.PolicyDepthMax || _nodes > RemediationLimits.PolicyNodesMax)
        {
            throw new YamlException(at.Start, at.End, depth > RemediationLimits.PolicyDepthMax
                ? $"nested deeper than {RemediationLimits.PolicyDepthMax}"
                : $"more than {RemediationLimits.PolicyNodesMax} values");
        }
        if (at is AnchorAlias alias)
        {
            _parser.MoveNext();
            _faults.Add(line, column, path, $"*{alias.Value}", "aliases are refused; write the value out");
            return new PolicyNode(line, column, path) { IsNull = true };
        }
        if (at is not NodeEvent valued)
        {
            throw new YamlException(at.Start, at.End, "a value is missing");
        }
        RefuseAnchorAndTag(valued, line, column, path);
        var node = new PolicyNode(line, column, path);
        return at switch
        {
            MappingStart => Mapping(node, depth),
            SequenceStart => Sequence(node, depth),
            _ => Text(node, _parser.Consume<Scalar>()),
        };
    }

    private void RefuseAnchorAndTag(NodeEvent node, int line, int column, string path)
    {
        if (!node.Anchor.IsEmpty)
        {
            _faults.Add(line, column, path, $"&{node.Anchor.Value}", "anchors are refused; write the value out where it is needed");
        }
        if (!node.Tag.IsEmpty)
        {
            _faults.Add(line, column, path, node.Tag.ToString(), "tags are refused; write the plain value");
        }
    }

    private PolicyNode Mapping(PolicyNode node, int depth)
    {
        _parser.Consume<MappingStart>();
        var members = new List<PolicyMember>();
        while (!_parser.Accept<MappingEnd>(out _))
        {
            var key = Value(node.Path, depth + 1);
            if (key.Scalar is null)
            {
                _faults.Add(key, "a name is plain text");
            }
            var name = key.Scalar ?? "";
            var value = Value(node.Path.Length == 0 ? name : $"{node.Path}.{name}", depth + 1);
            if (members.Any(member => member.Name == name))
            {
                _faults.Add(key.Line, key.Column, value.Path, name, "it stands twice; remove one");
                continue;
            }
            members.Add(new PolicyMember(name, key.Line, key.Column, value));
        }
        _parser.Consume<MappingEnd>();
        return node with { Members = members };
    }

    private PolicyNode Sequence(PolicyNode node, int depth)
    {
        _parser.Consume<SequenceStart>();
        var items = new List<PolicyNode>();
        while (!_parser.Accept<SequenceEnd>(out _))
        {
            items.Add(Value($"{node.Path}[{items.Count}]", depth + 1));
        }
        _parser.Consume<SequenceEnd>();
        return node with { Items = items };
    }

    private static PolicyNode Text(PolicyNode node, Scalar scalar)
    {
        var quoted = scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted;
        var isNull = !quoted && scalar.Value is "" or "~" or "null";
        return node with { Scalar = isNull ? null : scalar.Value, IsNull = isNull, IsQuoted = quoted };
    }

    private static int Number(long mark) => (int)Math.Clamp(mark, 1, int.MaxValue);
}
