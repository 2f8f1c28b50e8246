using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;

namespace K3sToken.Sandboxing.Http;

/// <summary>Text as Go's fmt package prints it.</summary>
internal static class GoText
{
    /// <summary>What the verb <c>%q</c> prints.</summary>
    public static string Quote(string text)
    {
        StringBuilder builder = new("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"' or '\\':
                    builder.Append('\\').Append(rune);
                    break;
                case '\a':
                    builder.Append("\\a");
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
                case '\v':
                    builder.Append("\\v");
                    break;
                case < ' ' or 0x7f:
                    builder.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                    break;
                default:
                    AppendPrintable(builder, rune);
                    break;
            }
        }

        return builder.Append('"').ToString();
    }

    /// <summary>What the verb <c>%v</c> prints of decoded JSON.</summary>
    public static string Print(JsonNode? json) => json switch
    {
        null => "<nil>",
        JsonObject map => $"map[{string.Join(' ', InOrder(map).Select(pair => $"{pair.Key}:{Print(pair.Value)}"))}]",
        JsonArray items => $"[{string.Join(' ', items.Select(Print))}]",
        _ => json.ToString(),
    };

    private static IEnumerable<KeyValuePair<string, JsonNode?>> InOrder(JsonObject map) =>
        map.OrderBy(pair => pair.Key, StringComparer.Ordinal);

    private static void AppendPrintable(StringBuilder builder, Rune rune)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.PrivateUse or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            || (rune.Value != ' ' && Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator))
        {
            builder.Append(CultureInfo.InvariantCulture, $"{(rune.IsBmp ? "\\u" : "\\U0000")}{rune.Value:x4}");
        }
        else
        {
            builder.Append(rune);
        }
    }
}
