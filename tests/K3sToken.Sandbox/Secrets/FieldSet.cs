using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>
/// A set of fields of an object, as <c>managedFields</c> holds them: a tree whose keys are path elements (<c>f:data</c>, <c>k:{...}</c>,
/// <c>v:...</c>). A node is a member itself, or only leads to members. Never changed after it was made.
/// </summary>
internal sealed class FieldSet
{
    private readonly bool _member;
    private readonly SortedDictionary<string, FieldSet> _children;

    private FieldSet(bool member, SortedDictionary<string, FieldSet> children) => (_member, _children) = (member, children);

    public static FieldSet Empty { get; } = new(false, new(StringComparer.Ordinal));

    public static FieldSet Leaf { get; } = new(true, new(StringComparer.Ordinal));

    public bool IsEmpty => !_member && _children.Count == 0;

    /// <summary>A field that holds others and is a member itself, such as a map; empty where it holds none.</summary>
    public static FieldSet Map(IEnumerable<string> elements) => Node(member: true, elements.Select(element => (element, Leaf)));

    /// <summary>A structure: not a member itself.</summary>
    public static FieldSet Structure(params (string Element, FieldSet Fields)[] fields) => Node(member: false, fields);

    /// <summary>Reads what <see cref="ToJson"/> writes.</summary>
    public static FieldSet Parse(JsonElement json)
    {
        SortedDictionary<string, FieldSet> children = new(StringComparer.Ordinal);
        bool member = true;
        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (property.Name != ".")
            {
                member = json.TryGetProperty(".", out _);
                children[property.Name] = Parse(property.Value);
            }
        }

        return new FieldSet(member, children);
    }

    /// <summary>The fields of a JSON value: every object in it is a structure, or a map where its name is among the maps.</summary>
    public static FieldSet OfJson(JsonElement value, Func<string, bool> isMap, string name = "")
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return Leaf;
        }

        return Node(
            isMap(name),
            value.EnumerateObject().Select(property => ("f:" + property.Name, OfJson(property.Value, isMap, property.Name))));
    }

    public FieldSet Union(FieldSet other) =>
        Merge(other, _member || other._member, static (left, right) => left.Union(right), keepLeft: true, keepRight: true);

    public FieldSet Except(FieldSet other) =>
        Merge(other, _member && !other._member, static (left, right) => left.Except(right), keepLeft: true, keepRight: false);

    /// <summary>
    /// The set as it is read before a change: a map of which nothing but itself is left stands for all that the object has there.
    /// </summary>
    public FieldSet ReadAgainst(FieldSet live)
    {
        if (_member && _children.Count == 0 && live._children.Count > 0)
        {
            return live;
        }

        return Node(_member, _children.Select(child =>
            (child.Key, live._children.TryGetValue(child.Key, out FieldSet? there) ? child.Value.ReadAgainst(there) : child.Value)));
    }

    public string ToJson() => AppendTo(new StringBuilder()).ToString();

    private StringBuilder AppendTo(StringBuilder json)
    {
        json.Append('{');
        if (_member && _children.Count > 0)
        {
            json.Append("\".\":{},");
        }

        return json.AppendJoined(_children, static (b, child) => child.Value.AppendTo(b.AppendQuoted(child.Key).Append(':'))).Append('}');
    }

    private FieldSet Merge(FieldSet other, bool member, Func<FieldSet, FieldSet, FieldSet> both, bool keepLeft, bool keepRight)
    {
        SortedDictionary<string, FieldSet> children = new(StringComparer.Ordinal);
        foreach (string key in _children.Keys.Union(other._children.Keys))
        {
            FieldSet? left = _children.GetValueOrDefault(key);
            FieldSet? right = other._children.GetValueOrDefault(key);
            FieldSet? merged = left is not null && right is not null ? both(left, right)
                : left is not null ? (keepLeft ? left : null)
                : keepRight ? right : null;
            if (merged is { IsEmpty: false })
            {
                children[key] = merged;
            }
        }

        return new FieldSet(member, children);
    }

    private static FieldSet Node(bool member, IEnumerable<(string Element, FieldSet Fields)> fields)
    {
        SortedDictionary<string, FieldSet> children = new(StringComparer.Ordinal);
        foreach ((string element, FieldSet set) in fields)
        {
            if (!set.IsEmpty)
            {
                children[element] = set;
            }
        }

        return children.Count == 0 && !member ? Empty : new FieldSet(member, children);
    }
}
