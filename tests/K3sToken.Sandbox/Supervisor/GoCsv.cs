using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>Comma-separated values as Go writes and reads them.</summary>
internal static class GoCsv
{
    public static string Write(IEnumerable<IReadOnlyList<string>> records) =>
        string.Concat(records.Select(fields => string.Join(',', fields.Select(Field)) + "\n"));

    /// <summary>The records. A line break inside a quoted field is a line feed, whatever it was when it was written.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Read(string text)
    {
        List<IReadOnlyList<string>> records = [];
        List<string> fields = [];
        StringBuilder field = new();
        bool quoted = false;
        string lines = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        for (int i = 0; i < lines.Length; i++)
        {
            char character = lines[i];
            if (quoted)
            {
                quoted = character != '"' || (i + 1 < lines.Length && lines[i + 1] == '"');
                if (quoted)
                {
                    field.Append(character);
                    i += character == '"' ? 1 : 0;
                }

                continue;
            }

            switch (character)
            {
                case '"' when field.Length == 0:
                    quoted = true;
                    break;
                case ',':
                    fields.Add(Take(field));
                    break;
                case '\n' when fields.Count == 0 && field.Length == 0:
                    break;
                case '\n':
                    records.Add([.. fields, Take(field)]);
                    fields.Clear();
                    break;
                default:
                    field.Append(character);
                    break;
            }
        }

        if (fields.Count > 0 || field.Length > 0)
        {
            records.Add([.. fields, Take(field)]);
        }

        return records;
    }

    private static string Field(string value) =>
        NeedsQuotes(value) ? "\"" + value.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : value;

    private static bool NeedsQuotes(string value) =>
        value.AsSpan().ContainsAny(",\"\r\n") || value == @"\." || (value.Length > 0 && char.IsWhiteSpace(value[0]));

    private static string Take(StringBuilder field)
    {
        string value = field.ToString();
        field.Clear();
        return value;
    }
}
