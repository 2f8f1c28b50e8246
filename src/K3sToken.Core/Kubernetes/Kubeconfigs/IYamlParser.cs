using System;
using System.Collections.Generic;

namespace K3sToken.Kubernetes;

/// <summary>Reads one YAML document. Behind an interface because its implementation loads apart from the rest.</summary>
public interface IYamlParser
{
    /// <summary>The document's root: a mapping, a sequence or a scalar; null for an empty document.</summary>
    /// <exception cref="YamlException">The text is no YAML, or too deep or too large once its aliases are followed.</exception>
    YamlNode? Parse(string text);
}

/// <summary>A node of a YAML document.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
public abstract record YamlNode(int Line);

/// <summary>A scalar. A plain <c>null</c>, <c>~</c> or nothing has a null value.</summary>
public sealed record YamlScalar(string? Value, int Line) : YamlNode(Line)
{
    /// <summary>True where quotes, a block or a tag make it a text: <c>"12"</c> is no number.</summary>
    public bool IsText { get; init; }
}

/// <summary>A sequence.</summary>
public sealed record YamlSequence(IReadOnlyList<YamlNode> Items, int Line) : YamlNode(Line);

/// <summary>A mapping with textual keys, each once.</summary>
public sealed record YamlMapping(IReadOnlyList<KeyValuePair<string, YamlNode>> Entries, int Line) : YamlNode(Line);

/// <summary>A text is no YAML. The message says what and where, and quotes nothing of the text: it may hold secrets.</summary>
public sealed class YamlException : Exception
{
    /// <summary>Makes the exception.</summary>
    public YamlException(string message)
        : base(message)
    {
    }
}
