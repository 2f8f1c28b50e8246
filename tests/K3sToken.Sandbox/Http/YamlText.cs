using System;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace K3sToken.Sandboxing.Http;

/// <summary>Writes JSON as YAML the way the API server does: keys in order, block style.</summary>
internal static partial class YamlText
{
    public static string FromJson(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        StringBuilder yaml = new();
        AppendBlock(yaml, document.RootElement, 0);
        return yaml.ToString();
    }

    private static void AppendBlock(StringBuilder yaml, JsonElement value, int indent)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            bool first = true;
            foreach (JsonProperty property in value.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
            {
                // The first key stands on the line of its "- ".
                yaml.Append(' ', first && IsAfterDash(yaml) ? 0 : indent).Append(Scalar(property.Name)).Append(':');
                AppendAfterKey(yaml, property.Value, indent);
                first = false;
            }
        }
        else
        {
            foreach (JsonElement item in value.EnumerateArray())
            {
                yaml.Append(' ', indent).Append("- ");
                if (IsBlock(item))
                {
                    AppendBlock(yaml, item, indent + 2);
                }
                else
                {
                    AppendScalar(yaml, item, indent + 2);
                }
            }
        }
    }

    private static bool IsAfterDash(StringBuilder yaml) => yaml.Length > 1 && yaml[^1] == ' ' && yaml[^2] == '-';

    private static void AppendAfterKey(StringBuilder yaml, JsonElement value, int indent)
    {
        if (!IsBlock(value))
        {
            yaml.Append(' ');
            AppendScalar(yaml, value, indent + 2);
            return;
        }

        yaml.Append('\n');
        AppendBlock(yaml, value, value.ValueKind == JsonValueKind.Array ? indent : indent + 2);
    }

    private static bool IsBlock(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => false,
    };

    private static void AppendScalar(StringBuilder yaml, JsonElement value, int indent)
    {
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        if (value.ValueKind != JsonValueKind.String)
        {
            yaml.Append(text).Append('\n');
        }
        else if (text.Contains('\n', StringComparison.Ordinal))
        {
            AppendLiteral(yaml, text, indent);
        }
        else
        {
            yaml.Append(Scalar(text)).Append('\n');
        }
    }

    private static void AppendLiteral(StringBuilder yaml, string text, int indent)
    {
        bool final = text.EndsWith('\n');
        yaml.Append(final ? "|\n" : "|-\n");
        foreach (string line in (final ? text[..^1] : text).Split('\n'))
        {
            yaml.Append(' ', line.Length == 0 ? 0 : indent).Append(line).Append('\n');
        }
    }

    private static string Scalar(string text)
    {
        if (text.Any(char.IsControl))
        {
            return GoJson.Quote(text);
        }

        if (ReadsAsSomethingElse().IsMatch(text))
        {
            return $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        }

        return IsPlain(text) ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    private static bool IsPlain(string text) =>
        text.Length > 0
        && !char.IsWhiteSpace(text[0])
        && !char.IsWhiteSpace(text[^1])
        && !"!&*{}[]|>@`%'\",#?".Contains(text[0], StringComparison.Ordinal)
        && !(text[0] is '-' or ':' && (text.Length == 1 || text[1] == ' '))
        && !text.Contains(": ", StringComparison.Ordinal)
        && !text.Contains(" #", StringComparison.Ordinal)
        && text[^1] != ':';

    // Empty, null, booleans of YAML 1.1, numbers in all their forms, timestamps, the merge key.
    [GeneratedRegex(
        @"^(|~|<<|null|Null|NULL|y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|True|TRUE|false|False|FALSE"
        + @"|[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)"
        + @"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
        + @"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
        + @"|\d{4}-\d{1,2}-\d{1,2}([Tt ]+\d{1,2}:\d{2}:\d{2}(\.\d+)?( ?(Z|[-+]\d{1,2}(:\d{2})?))?)?)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex ReadsAsSomethingElse();
}
