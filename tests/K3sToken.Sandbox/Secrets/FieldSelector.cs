using System;
using System.Collections.Generic;
using System.Linq;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Secrets;

/// <summary>Reads a field selector: <c>type=x,metadata.name!=y</c>.</summary>
internal static class FieldSelector
{
    private static readonly string[] Operators = ["!=", "==", "="];

    /// <summary>Whether a Secret is selected.</summary>
    /// <exception cref="StatusException">400: the selector cannot be read, or names a field that cannot be selected by.</exception>
    public static Func<Secret, bool> Parse(string text)
    {
        List<Func<Secret, bool>> terms = [.. Terms(text).Where(term => term.Length > 0).Select(term => Term(text, term))];
        return secret => terms.TrueForAll(term => term(secret));
    }

    private static Func<Secret, bool> Term(string selector, string term)
    {
        (int at, string? found) = FindOperator(term);
        if (found is null)
        {
            throw new StatusException(Status.BadRequest($"invalid selector: '{selector}'; can't understand '{term}'"));
        }

        string value = Unescape(term[(at + found.Length)..]);
        Func<Secret, string> field = Field(term[..at]);
        return found == "!=" ? secret => field(secret) != value : secret => field(secret) == value;
    }

    private static Func<Secret, string> Field(string name) => name switch
    {
        "type" => secret => secret.Type,
        "metadata.name" => secret => secret.Name,
        "metadata.namespace" => secret => secret.Namespace,
        _ => throw new StatusException(Status.BadRequest("field label not supported: " + name)),
    };

    private static (int At, string? Operator) FindOperator(string term)
    {
        for (int i = 0; i < term.Length; i++)
        {
            string? found = Operators.FirstOrDefault(op => string.CompareOrdinal(term, i, op, 0, op.Length) == 0);
            if (found is not null)
            {
                return (i, found);
            }
        }

        return (-1, null);
    }

    private static IEnumerable<string> Terms(string text)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static string Unescape(string value)
    {
        System.Text.StringBuilder result = new();
        for (int i = 0; i < value.Length; i++)
        {
            char character = value[i];
            if (character is ',' or '=')
            {
                throw new StatusException(
                    Status.BadRequest($"invalid field selector: unescaped character in value: {SecretJson.Text(character)}"));
            }

            if (character == '\\')
            {
                i++;
                if (i == value.Length || value[i] is not ('\\' or ',' or '='))
                {
                    throw new StatusException(Status.BadRequest($"invalid field selector: invalid escape sequence: {value[(i - 1)..]}"));
                }
            }

            result.Append(value[i]);
        }

        return result.ToString();
    }
}
