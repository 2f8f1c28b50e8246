using System;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;

namespace K3sToken.Sandboxing.Http;

/// <summary>Text in JSON as Go takes it: what is not Unicode becomes the replacement character, and is no error.</summary>
internal static class GoJsonText
{
    /// <summary>The same bytes, each that is no part of UTF-8 replaced.</summary>
    public static byte[] Valid(ReadOnlySpan<byte> text)
    {
        using MemoryStream valid = new(text.Length);
        Span<byte> buffer = stackalloc byte[4];
        while (text.Length > 0)
        {
            bool good = Rune.DecodeFromUtf8(text, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            valid.Write(buffer[..rune.EncodeToUtf8(buffer)]);
            text = text[(good ? length : 1)..];
        }

        return valid.ToArray();
    }

    /// <summary>What a JSON string says.</summary>
    public static string Decode(JsonElement json)
    {
        string raw = json.GetRawText()[1..^1];
        StringBuilder units = new(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                units.Append(raw[i]);
                continue;
            }

            char escaped = raw[++i];
            units.Append(escaped switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => (char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                _ => escaped,
            });
            i += escaped == 'u' ? 4 : 0;
        }

        StringBuilder text = new(units.Length);
        foreach (Rune rune in units.ToString().EnumerateRunes())
        {
            text.Append(rune);
        }

        return text.ToString();
    }
}
