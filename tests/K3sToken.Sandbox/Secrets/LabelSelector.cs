using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Reads a label selector: <c>a=b,c!=d,e in (f,g),h,!i</c>.</summary>
internal sealed class LabelSelector
{
    private static readonly string[] Operators = ["in", "notin", "=", "==", "!=", "gt", "lt"];

    private readonly List<string> _tokens;
    private int _position;

    private LabelSelector(string text) => _tokens = [.. Tokens(text)];

    /// <summary>Whether a Secret is selected.</summary>
    /// <exception cref="StatusException">400: the selector cannot be read.</exception>
    public static Func<Secret, bool> Parse(string text)
    {
        try
        {
            List<Func<ImmutableSortedDictionary<string, string>, bool>> requirements = new LabelSelector(text).Requirements();
            return secret => requirements.TrueForAll(requirement => requirement(secret.Labels));
        }
        catch (FormatException exception)
        {
            throw new StatusException(Status.BadRequest(exception.Message));
        }
    }

    private List<Func<ImmutableSortedDictionary<string, string>, bool>> Requirements()
    {
        List<Func<ImmutableSortedDictionary<string, string>, bool>> requirements = [];
        while (Peek().Length > 0)
        {
            if (Peek() != "!" && !IsIdentifier(Peek()))
            {
                throw new FormatException($"found '{Peek()}', expected: !, identifier, or 'end of string'");
            }

            requirements.Add(Requirement());
            if (Peek().Length > 0)
            {
                string comma = Next();
                if (comma != ",")
                {
                    throw new FormatException($"found '{comma}', expected: ',' or 'end of string'");
                }

                if (Peek() != "!" && !IsIdentifier(Peek()))
                {
                    throw new FormatException($"found '{Peek()}', expected: identifier after ','");
                }
            }
        }

        return requirements;
    }

    private Func<ImmutableSortedDictionary<string, string>, bool> Requirement()
    {
        bool absent = Peek() == "!";
        if (absent)
        {
            Next();
        }

        string key = Next();
        if (!IsIdentifier(key))
        {
            throw new FormatException($"unable to parse requirement: found '{key}', expected: identifier");
        }

        CheckKey(key);
        if (Peek() is "" or ",")
        {
            return labels => labels.ContainsKey(key) != absent;
        }

        string @operator = Next();
        return @operator switch
        {
            "in" => In(key, Values()),
            "notin" => Not(In(key, Values())),
            "=" or "==" => In(key, [Value(key)]),
            "!=" => Not(In(key, [Value(key)])),
            ">" => Compared(key, Value(key), static (left, right) => left > right),
            "<" => Compared(key, Value(key), static (left, right) => left < right),
            _ => throw new FormatException(
                $"unable to parse requirement: found '{@operator}', expected: {string.Join(", ", Operators)}"),
        };
    }

    private static Func<ImmutableSortedDictionary<string, string>, bool> In(string key, HashSet<string> values) =>
        labels => labels.TryGetValue(key, out string? value) && values.Contains(value);

    private static Func<ImmutableSortedDictionary<string, string>, bool> Not(Func<ImmutableSortedDictionary<string, string>, bool> other) =>
        labels => !other(labels);

    private static Func<ImmutableSortedDictionary<string, string>, bool> Compared(string key, string bound, Func<long, long, bool> compare)
    {
        if (!long.TryParse(bound, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long right))
        {
            throw new FormatException(
                $"unable to parse requirement: values[0][{key}]: Invalid value: {GoText.Quote(bound)}: "
                + "for 'Gt', 'Lt' operators, the value must be an integer");
        }

        return labels => labels.TryGetValue(key, out string? value)
            && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long left)
            && compare(left, right);
    }

    private HashSet<string> Values()
    {
        string open = Next();
        if (open != "(")
        {
            throw new FormatException($"unable to parse requirement: found '{open}' expected: '('");
        }

        HashSet<string> values = [];
        while (true)
        {
            values.Add(IsIdentifier(Peek()) ? Next() : "");
            string next = Next();
            if (next == ")")
            {
                return values;
            }

            if (next != ",")
            {
                throw new FormatException($"unable to parse requirement: found '{next}', expected: ',' or ')'");
            }
        }
    }

    private string Value(string key)
    {
        string value = IsIdentifier(Peek()) ? Next() : "";
        if (value.Length == 0 && Peek() is not ("" or ","))
        {
            throw new FormatException($"unable to parse requirement: found '{Peek()}', expected: identifier");
        }

        return Naming.LabelValueProblem(value) is string problem
            ? throw new FormatException($"unable to parse requirement: values[0][{key}]: Invalid value: {GoText.Quote(value)}: {problem}")
            : value;
    }

    private static void CheckKey(string key)
    {
        if (Naming.QualifiedNameProblems(key).FirstOrDefault() is string problem)
        {
            throw new FormatException($"unable to parse requirement: key: Invalid value: {GoText.Quote(key)}: {problem}");
        }
    }

    private string Peek() => _position < _tokens.Count ? _tokens[_position] : "";

    private string Next() => _position < _tokens.Count ? _tokens[_position++] : "";

    private static bool IsIdentifier(string token) => token.Length > 0 && !IsSpecial(token[0]);

    private static bool IsSpecial(char character) => "=!(),><".Contains(character, StringComparison.Ordinal);

    private static IEnumerable<string> Tokens(string text)
    {
        int i = 0;
        while (i < text.Length)
        {
            if (text[i] is ' ' or '\t' or '\r' or '\n')
            {
                i++;
                continue;
            }

            int start = i++;
            if (!IsSpecial(text[start]))
            {
                while (i < text.Length && !IsSpecial(text[i]) && text[i] is not (' ' or '\t' or '\r' or '\n'))
                {
                    i++;
                }
            }
            else if (i < text.Length && text[start] is '=' or '!' && text[i] == '=')
            {
                i++;
            }

            yield return text[start..i];
        }
    }
}
