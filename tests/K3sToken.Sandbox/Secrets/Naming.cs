using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>What names, labels and keys may be, and the words in which Kubernetes says that they may not.</summary>
internal static partial class Naming
{
    private const string NamePart =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string Subdomain =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
        + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const string DataKeyRule =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', "
        + "regex used for validation is '[-._a-zA-Z0-9]+')";

    public static IEnumerable<string> SubdomainProblems(string name)
    {
        if (name.Length > 253)
        {
            yield return TooLong(253);
        }

        if (!SubdomainPattern().IsMatch(name))
        {
            yield return Subdomain;
        }
    }

    public static IEnumerable<string> DataKeyProblems(string key)
    {
        if (key.Length > 253)
        {
            yield return TooLong(253);
        }

        if (!DataKeyPattern().IsMatch(key))
        {
            yield return DataKeyRule;
        }
        else if (key is "." or "..")
        {
            yield return $"must not be '{key}'";
        }
        else if (key.StartsWith("..", StringComparison.Ordinal))
        {
            yield return "must not start with '..'";
        }
    }

    public static string? LabelValueProblem(string value) =>
        value.Length > 63 ? TooLong(63)
        : LabelValuePattern().IsMatch(value) ? null
        : LabelValueRule;

    /// <summary>What is wrong with the key of a label or an annotation, or with the name of a finalizer.</summary>
    public static IEnumerable<string> QualifiedNameProblems(string key)
    {
        string[] parts = key.Split('/');
        if (parts.Length > 2)
        {
            yield return "a qualified name " + NamePart["name part ".Length..]
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }

        if (parts.Length == 2)
        {
            if (parts[0].Length == 0)
            {
                yield return "prefix part must be non-empty";
            }

            foreach (string problem in parts[0].Length == 0 ? [] : SubdomainProblems(parts[0]))
            {
                yield return "prefix part " + problem;
            }
        }

        string name = parts[^1];
        if (name.Length == 0)
        {
            yield return "name part must be non-empty";
        }
        else if (name.Length > 63)
        {
            yield return "name part " + TooLong(63);
        }

        if (!QualifiedNamePattern().IsMatch(name))
        {
            yield return NamePart;
        }
    }

    private static string TooLong(int bytes) => string.Create(CultureInfo.InvariantCulture, $"must be no more than {bytes} bytes");

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex DataKeyPattern();

    [GeneratedRegex(@"\A(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValuePattern();

    [GeneratedRegex(@"\A([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex QualifiedNamePattern();
}
