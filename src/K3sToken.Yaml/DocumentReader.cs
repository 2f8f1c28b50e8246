using System.Collections.Generic;
using K3sToken.Kubernetes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace K3sToken.Yaml;

/// <summary>
/// Makes nodes of the parser's events, by the rules kubectl reads a kubeconfig by: the first document counts, a later key overrides an
/// earlier one, and <c>&lt;&lt;</c> sets the keys of the mapping it names.
/// </summary>
internal sealed class DocumentReader(IParser parser)
{
    private const int MaximumDepth = 100;
    private const long MaximumNodes = 75_000;
    private const long MaximumCharacters = 4 << 20;

    // An anchor whose node is not complete yet has none.
    private readonly Dictionary<string, Anchored?> _anchors = [];
    private int _depth;
    private Size _size;

    public YamlNode? Read()
    {
        Next<StreamStart>();
        if (Next<ParsingEvent>() is not DocumentStart)
        {
            return null;
        }

        YamlNode root = Node(Next<ParsingEvent>());
        Next<DocumentEnd>();
        return root is YamlScalar { Value: null } ? null : root;
    }

    private T Next<T>()
        where T : ParsingEvent =>
        parser.MoveNext() && parser.Current is T current
            ? current
            : throw new SyntaxErrorException(parser.Current?.Start ?? Mark.Empty, parser.Current?.End ?? Mark.Empty, "");

    private YamlNode Node(ParsingEvent start)
    {
        if (start is AnchorAlias alias)
        {
            return Follow(alias);
        }

        NodeEvent node = start as NodeEvent ?? throw new SyntaxErrorException(start.Start, start.End, "");
        string? anchor = node.Anchor.IsEmpty ? null : node.Anchor.Value;
        if (anchor is not null)
        {
            _anchors[anchor] = null;
        }

        Size before = _size;
        Count(new Size(1, (start as Scalar)?.Value.Length ?? 0), start);
        YamlNode read = Read(node);
        if (anchor is not null)
        {
            _anchors[anchor] = new Anchored(read, new Size(_size.Nodes - before.Nodes, _size.Characters - before.Characters));
        }

        return read;
    }

    private YamlNode Follow(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out Anchored? target))
        {
            throw Refusal.At(alias.Start, "the alias names an anchor that is not defined before it");
        }

        if (target is null)
        {
            throw Refusal.At(alias.Start, "the alias names what it is part of");
        }

        Count(target.Size, alias);
        return target.Node;
    }

    private void Count(Size more, ParsingEvent at)
    {
        _size = new Size(_size.Nodes + more.Nodes, _size.Characters + more.Characters);
        if (_size.Nodes > MaximumNodes || _size.Characters > MaximumCharacters)
        {
            throw Refusal.At(
                at.Start, $"the document has more than {MaximumNodes} nodes or {MaximumCharacters} characters once its aliases are followed");
        }
    }

    private YamlNode Read(NodeEvent node)
    {
        if (node is Scalar scalar)
        {
            return Scalar(scalar);
        }

        if (++_depth > MaximumDepth)
        {
            throw Refusal.At(node.Start, $"the document is nested more than {MaximumDepth} levels deep");
        }

        YamlNode read = node is MappingStart ? Mapping(node) : Sequence(node);
        _depth--;
        return read;
    }

    private static YamlScalar Scalar(Scalar scalar)
    {
        bool isText = scalar.Style != ScalarStyle.Plain || (!scalar.Tag.IsEmpty && !IsNullTag(scalar.Tag));
        bool isNull = !isText && (IsNullTag(scalar.Tag) || scalar.Value is "" or "~" or "null" or "Null" or "NULL");
        return new YamlScalar(isNull ? null : scalar.Value, LineOf(scalar)) { IsText = isText };
    }

    private static bool IsNullTag(TagName tag) => !tag.IsEmpty && !tag.IsNonSpecific && tag.Value == "tag:yaml.org,2002:null";

    private YamlSequence Sequence(NodeEvent start)
    {
        List<YamlNode> items = [];
        for (ParsingEvent next = Next<ParsingEvent>(); next is not SequenceEnd; next = Next<ParsingEvent>())
        {
            items.Add(Node(next));
        }

        return new YamlSequence(items, LineOf(start));
    }

    private YamlMapping Mapping(NodeEvent start)
    {
        MappingEntries entries = new();
        for (ParsingEvent next = Next<ParsingEvent>(); next is not MappingEnd; next = Next<ParsingEvent>())
        {
            if (Node(next) is not YamlScalar { Value: { } key, IsText: var quoted })
            {
                throw Refusal.At(next.Start, "a key must be a text");
            }

            ParsingEvent valueStart = Next<ParsingEvent>();
            YamlNode value = Node(valueStart);
            if (key == "<<" && !quoted)
            {
                Merge(value, entries, valueStart);
            }
            else
            {
                entries.Set(key, value);
            }
        }

        return new YamlMapping(entries.List, LineOf(start));
    }

    private static void Merge(YamlNode from, MappingEntries into, ParsingEvent at)
    {
        switch (from)
        {
            case YamlMapping mapping:
                foreach (KeyValuePair<string, YamlNode> entry in mapping.Entries)
                {
                    into.Set(entry.Key, entry.Value);
                }

                break;
            case YamlSequence sequence:
                // Of several, the first wins: it is set last.
                for (int i = sequence.Items.Count - 1; i >= 0; i--)
                {
                    Merge(sequence.Items[i] as YamlMapping ?? throw NoMapping(at), into, at);
                }

                break;
            default:
                throw NoMapping(at);
        }
    }

    private static Kubernetes.YamlException NoMapping(ParsingEvent at) =>
        Refusal.At(at.Start, "the merge key << takes a mapping or a list of mappings");

    private static int LineOf(ParsingEvent node) => (int)node.Start.Line;

    private readonly record struct Size(long Nodes, long Characters);

    private sealed record Anchored(YamlNode Node, Size Size);

    private sealed class MappingEntries
    {
        private readonly Dictionary<string, int> _places = [];

        public List<KeyValuePair<string, YamlNode>> List { get; } = [];

        public void Set(string key, YamlNode value)
        {
            KeyValuePair<string, YamlNode> entry = new(key, value);
            if (_places.TryGetValue(key, out int place))
            {
                List[place] = entry;
                return;
            }

            _places.Add(key, List.Count);
            List.Add(entry);
        }
    }
}
