using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace K3sToken.Sandboxing.Http;

/// <summary>JSON as Go's encoder writes it: which characters are escaped, and how, differs from System.Text.Json.</summary>
internal static class GoJson
{
    public static string Quote(string text) => new StringBuilder().AppendQuoted(text).ToString();

    /// <summary>A JSON value in Go's spelling, members in the order in which they stand.</summary>
    public static string Write(JsonElement value) => new StringBuilder().AppendValue(value).ToString();

    public static StringBuilder AppendQuoted(this StringBuilder builder, string text)
    {
        builder.Append('"');
        for (int i = 0; i < text.Length; i++)
        {
            char character = text[i];
            switch (character)
            {
                case '"' or '\\':
                    builder.Append('\\').Append(character);
                    break;
                case '\b':
                    builder.Append("\\b");
                    break;
                case '\f':
                    builder.Append("\\f");
                    break;
                case '\n':
                    builder.Append("\\n");
                    break;
                case '\r':
                    builder.Append("\\r");
                    break;
                case '\t':
                    builder.Append("\\t");
                    break;
                case < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029':
                    builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
                    break;
                default:
                    builder.Append(character);
                    break;
            }
        }

        return builder.Append('"');
    }

    public static StringBuilder AppendValue(this StringBuilder builder, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                builder.Append('{');
                string separator = "";
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    builder.Append(separator).AppendQuoted(property.Name).Append(':').AppendValue(property.Value);
                    separator = ",";
                }

                return builder.Append('}');
            case JsonValueKind.Array:
                return builder.Append('[').AppendJoined(value.EnumerateArray(), static (b, item) => b.AppendValue(item)).Append(']');
            case JsonValueKind.String:
                return builder.AppendQuoted(value.GetString()!);
            default:
                return builder.Append(value.GetRawText());
        }
    }

    public static StringBuilder AppendJoined<T>(this StringBuilder builder, IEnumerable<T> items, Action<StringBuilder, T> append)
    {
        bool first = true;
        foreach (T item in items)
        {
            if (!first)
            {
                builder.Append(',');
            }

            append(builder, item);
            first = false;
        }

        return builder;
    }

    /// <summary>The same JSON, indented by two spaces as Go does it.</summary>
    public static string Indent(string json)
    {
        StringBuilder builder = new(json.Length * 2);
        int depth = 0;
        bool inString = false;
        for (int i = 0; i < json.Length; i++)
        {
            char character = json[i];
            if (inString)
            {
                builder.Append(character);
                if (character == '\\')
                {
                    builder.Append(json[++i]);
                }

                inString = character != '"';
                continue;
            }

            switch (character)
            {
                case '"':
                    inString = true;
                    builder.Append(character);
                    break;
                case '{' or '[' when json[i + 1] is '}' or ']':
                    builder.Append(character).Append(json[++i]);
                    break;
                case '{' or '[':
                    NewLine(builder.Append(character), ++depth);
                    break;
                case '}' or ']':
                    NewLine(builder, --depth).Append(character);
                    break;
                case ',':
                    NewLine(builder.Append(character), depth);
                    break;
                case ':':
                    builder.Append(": ");
                    break;
                default:
                    builder.Append(character);
                    break;
            }
        }

        return builder.ToString();
    }

    private static StringBuilder NewLine(StringBuilder builder, int depth) => builder.Append('\n').Append(' ', depth * 2);
}
