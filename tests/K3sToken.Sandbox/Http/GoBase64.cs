using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace K3sToken.Sandboxing.Http;

/// <summary>Base64 as Go's decoder reads it: line breaks are skipped, and an error names the byte at which it was seen.</summary>
internal static class GoBase64
{
    private const string Standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string UrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>Decodes padded base64.</summary>
    /// <exception cref="FormatException">In the words of Go.</exception>
    public static byte[] Decode(string text) => Decode(text, Standard, padded: true);

    /// <summary>Decodes base64 for URLs without padding.</summary>
    /// <exception cref="FormatException">In the words of Go.</exception>
    public static byte[] DecodeUrl(string text) => Decode(text, UrlSafe, padded: false);

    public static string EncodeUrl(string text) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static byte[] Decode(string text, string alphabet, bool padded)
    {
        byte[] source = Encoding.UTF8.GetBytes(text);
        List<byte> result = new((source.Length * 3 / 4) + 3);
        int bits = 0;
        int count = 0;
        for (int i = 0; i < source.Length; i++)
        {
            char character = (char)source[i];
            int value = alphabet.IndexOf(character, StringComparison.Ordinal);
            if (value >= 0)
            {
                bits = (bits << 6) | value;
                count++;
                if (count == 4)
                {
                    result.AddRange([(byte)(bits >> 16), (byte)(bits >> 8), (byte)bits]);
                    (bits, count) = (0, 0);
                }
            }
            else if (character is not ('\n' or '\r'))
            {
                if (!padded || character != '=')
                {
                    throw Corrupt(i);
                }

                CheckPadding(source, i, count);
                AddPartial(result, bits, count);
                return [.. result];
            }
        }

        if (count == 1 || (padded && count > 0))
        {
            throw Corrupt(source.Length - count);
        }

        AddPartial(result, bits, count);
        return [.. result];
    }

    private static void CheckPadding(byte[] source, int position, int count)
    {
        if (count < 2)
        {
            throw Corrupt(position);
        }

        int next = AfterLineBreaks(source, position + 1);
        if (count == 2)
        {
            if (next == source.Length)
            {
                throw Corrupt(source.Length);
            }

            if (source[next] != '=')
            {
                throw Corrupt(next - 1);
            }

            next = AfterLineBreaks(source, next + 1);
        }

        if (next < source.Length)
        {
            throw Corrupt(next);
        }
    }

    private static int AfterLineBreaks(byte[] source, int position)
    {
        while (position < source.Length && source[position] is (byte)'\n' or (byte)'\r')
        {
            position++;
        }

        return position;
    }

    private static void AddPartial(List<byte> result, int bits, int count)
    {
        if (count == 2)
        {
            result.Add((byte)(bits >> 4));
        }
        else if (count == 3)
        {
            result.AddRange([(byte)(bits >> 10), (byte)(bits >> 2)]);
        }
    }

    private static FormatException Corrupt(int position) =>
        new(string.Create(CultureInfo.InvariantCulture, $"illegal base64 data at input byte {position}"));
}
