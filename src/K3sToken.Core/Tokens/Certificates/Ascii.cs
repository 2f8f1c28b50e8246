using System;
using System.Text;

namespace K3sToken.Tokens.Certificates;

/// <summary>Bytes that should be ASCII.</summary>
internal static class Ascii
{
    public static bool IsAscii(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b > 0x7f)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>One character a byte, so that other bytes stay different from all ASCII.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        foreach (byte b in bytes)
        {
            text.Append((char)b);
        }

        return text.ToString();
    }

    /// <summary>The text in quotes, with nothing in it that a screen would take for a command.</summary>
    public static string Quote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' or '\\' => $"\\{c}",
                >= ' ' and <= '~' => c.ToString(),
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                _ => $"\\x{(int)c:x2}",
            });
        }

        return quoted.Append('"').ToString();
    }
}
