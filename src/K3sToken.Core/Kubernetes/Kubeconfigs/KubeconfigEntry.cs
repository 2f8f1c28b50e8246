using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace K3sToken.Kubernetes;

/// <summary>
/// A mapping in a kubeconfig, read value by value. What is wrong in it is told with file, line and entry, and without the value.
/// </summary>
internal sealed class KubeconfigEntry
{
    private readonly KubeconfigFile _file;
    private readonly string _title;
    private readonly YamlNode? _node;

    /// <summary>Makes an entry.</summary>
    /// <param name="file">Where it stands.</param>
    /// <param name="title">What it is to a person: <c>an entry of 'users'</c>.</param>
    /// <param name="node">A mapping; null or a null scalar for an empty one; anything else fails when it is read.</param>
    /// <param name="line">Where it begins, if there is no node.</param>
    public KubeconfigEntry(KubeconfigFile file, string title, YamlNode? node, int line = 1)
    {
        _file = file;
        _title = title;
        _node = node is YamlScalar { Value: null } ? null : node;
        Line = node?.Line ?? line;
    }

    /// <summary>The file it stands in.</summary>
    public string File => _file.Path;

    /// <summary>The line it begins on.</summary>
    public int Line { get; }

    /// <summary>What the kubeconfig calls it; empty for what has no name.</summary>
    public string Name { get; private init; } = "";

    /// <summary>The text of a key; null where it is missing or empty. A number stands for its text.</summary>
    public string? Text(string key) => WithoutNull(key, Scalar(key)) is { Length: > 0 } text ? text : null;

    public bool Flag(string key) => Text(key) switch
    {
        null => false,
        "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y" => true,
        "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N" => false,
        _ => throw Invalid($"'{key}' must be true or false", key),
    };

    public IReadOnlyList<string> Texts(string key) => Texts(key, Value(key));

    /// <summary>All keys, each with its list of texts.</summary>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> AllTexts =>
        Entries.Select(entry => new KeyValuePair<string, IReadOnlyList<string>>(entry.Key, Texts(entry.Key, entry.Value)));

    public IReadOnlyList<KubeconfigEntry> Items(string key) =>
        Sequence(key, Value(key))?.Items.Select(item => new KubeconfigEntry(_file, $"an entry of '{key}'", item, item.Line)).ToArray() ?? [];

    /// <summary>The mapping inside this one that a name is given to beside it.</summary>
    public KubeconfigEntry Named(string name, string key) => new(_file, $"{key} '{name}'", Value(key), Line) { Name = name };

    /// <summary>A mapping inside this one, or null where there is none.</summary>
    public KubeconfigEntry? SectionOrNull(string key) =>
        Value(key) is { } node and not YamlScalar { Value: null } ? new KubeconfigEntry(_file, $"{_title}, {key}", node) : null;

    public YamlNode? Value(string key)
    {
        foreach (KeyValuePair<string, YamlNode> entry in Entries)
        {
            if (entry.Key == key)
            {
                return entry.Value;
            }
        }

        return null;
    }

    /// <summary>The path of a key, absolute: a relative one begins at the folder of the file.</summary>
    public string? FilePath(string key) => Text(key) is { } path ? Absolute(key, path) : null;

    public string Absolute(string key, string path)
    {
        try
        {
            return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(_file.Path)!, path));
        }
        catch (Exception malformed) when (malformed is ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw Invalid($"'{key}' is not a path", key);
        }
    }

    /// <summary>What <c>key-data</c> holds, else the bytes of the file that <c>key</c> names; null where both are missing.</summary>
    public byte[]? DataOrFile(string key) => Data(key + "-data") ?? (FilePath(key) is { } path ? ReadFile(key, path) : null);

    /// <summary>The error for something wrong here, on the line of a key if it is there.</summary>
    public K3sTokenException Invalid(string what, string? key = null)
    {
        int line = (key is null ? null : Value(key)?.Line) ?? Line;
        return _file.Invalid($"line {line}, {_title}: {what}");
    }

    private IReadOnlyList<KeyValuePair<string, YamlNode>> Entries => _node switch
    {
        null => [],
        YamlMapping mapping => mapping.Entries,
        _ => throw _file.Invalid($"line {_node.Line}, {_title}: this must be a mapping of keys to values"),
    };

    private YamlScalar? Scalar(string key) =>
        Value(key) is { } node ? node as YamlScalar ?? throw Invalid($"'{key}' must be a text", key) : null;

    // No path, argument or variable can hold one; the platform would cut off what comes after it, or throw.
    private string? WithoutNull(string key, YamlScalar? scalar) => scalar?.Value is { } text && text.AsSpan().IndexOf('\0') >= 0
        ? throw Invalid($"'{key}' holds a null character", key)
        : scalar?.Value;

    private string[] Texts(string key, YamlNode? list) =>
        Sequence(key, list)?.Items
            .Select(item => item is YamlScalar text ? WithoutNull(key, text) ?? "" : throw Invalid($"'{key}' must be a list of texts", key))
            .ToArray()
        ?? [];

    private YamlSequence? Sequence(string key, YamlNode? node) => node switch
    {
        null or YamlScalar { Value: null } => null,
        YamlSequence sequence => sequence,
        _ => throw Invalid($"'{key}' must be a list", key),
    };

    private byte[] ReadFile(string key, string path)
    {
        try
        {
            return BoundedFile.Read(path)
                ?? throw Invalid($"the {key} file {path} is larger than {BoundedFile.MostBytes >> 20} MiB: it is another kind of file", key);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Invalid($"there is no {key} file {path}", key);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw Invalid($"the {key} file {path} cannot be read", key);
        }
    }

    private byte[]? Data(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw Invalid($"'{key}' is not valid base64", key);
        }
    }
}
