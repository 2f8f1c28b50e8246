using System;
using System.Text;

namespace K3sToken.Tokens;

/// <summary>Bytes as K3s writes them: two lower-case hex digits each.</summary>
internal static class Hex
{
    private const string Digits = "0123456789abcdef";

    public static string Lower(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length * 2);
        foreach (byte b in bytes)
        {
            text.Append(Digits[b >> 4]).Append(Digits[b & 0xf]);
        }

        return text.ToString();
    }
}
