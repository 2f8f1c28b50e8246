using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace K3sToken.Tests.Fuzzing;

/// <summary>Makes new inputs of the seeds of a target: a few changes to one of them, or, now and then, hardly anything of it.</summary>
internal sealed class Mutator(FuzzTarget target)
{
    private const int MostBytes = 256 << 10;
    private const int ShortestBase64 = 24;

    // What readers of texts, of YAML and of JSON have stumbled over, in UTF-8; the last are no UTF-8.
    private static readonly byte[][] Oddities =
    [
        .. new[]
        {
            "\0", "\uFEFF", "\uFFFE", "\uFFFD", "\u0085", "\u2028", "\u202E", "\u001b[2J", "\uE000", "\uE001", "😀", "é", "\r", "\r\n",
            "\t", " ",
            "\\u0000", "\\ud800", "\\udc00\\ud800", "\\uFFFE", "\\x00", "\\UFFFFFFFF", "\\", "\"", "'", ":", ",", "-", ".", "=", "#",
            "%", "&", "*",
            "0", "-1", "1e999999999", "18446744073709551616", "9223372036854775807", "-9223372036854775808", "2147483648", "NaN",
            "null", "true",
            "9999-12-31T23:59:59.9999999+24:60", "0001-01-01T00:00:00+14:00", "{}", "[]", "\"\"",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0xff, 0xfe], [0x80],
    ];

    private static readonly string[] Openings = ["[", "{", "{\"a\":", "[{\"a\":", "- ", "? ", "&a [", "((", "a: {", "!!x "];

    private readonly byte[][] _words = [.. target.Words.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The input of a seed.</summary>
    public byte[] Next(int seed)
    {
        Random random = new(seed);
        byte[] input = Pick(random, target.Seeds);
        for (int changes = random.Next(2) == 0 ? 1 : random.Next(1, 6); changes > 0; changes--)
        {
            input = Change(random, input);
        }

        return input.Length <= MostBytes ? input : [.. input.Take(MostBytes)];
    }

    private byte[] Change(Random random, byte[] input) => random.Next(20) switch
    {
        0 or 1 => FlipBits(random, input),
        2 => SetByte(random, input),
        3 => [.. input.Take(random.Next(input.Length + 1))],
        4 => Replace(random, input, []),
        5 => Replace(random, input, Slice(random, input)),
        6 => Insert(random, input, Slice(random, input)),
        7 => Insert(random, input, Repeated(Slice(random, input, 64), random.Next(2, 300))),
        8 => Splice(random, input, Pick(random, target.Seeds)),
        9 or 10 when _words.Length > 0 => Insert(random, input, Pick(random, _words)),
        11 => Replace(random, input, Pick(random, Oddities)),
        12 => ReplaceNumber(random, input),
        13 => Insert(random, input, Repeated(Encoding.UTF8.GetBytes(Openings[random.Next(Openings.Length)]), 1 << random.Next(12))),
        14 => Insert(random, input, Repeated([(byte)random.Next(32, 127)], 1 << random.Next(16))),
        15 => ChangeInsideOfBase64(random, input),
        16 or 17 or 18 => ReplaceValue(random, input),
        19 when random.Next(20) == 0 => Bytes(random, random.Next(200)),
        _ => Insert(random, input, Pick(random, Oddities)),
    };

    private static T Pick<T>(Random random, IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] FlipBits(Random random, byte[] input)
    {
        byte[] changed = [.. input];
        for (int flips = random.Next(1, 5); flips > 0 && changed.Length > 0; flips--)
        {
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
        }

        return changed;
    }

    private static byte[] SetByte(Random random, byte[] input)
    {
        byte[] changed = [.. input];
        if (changed.Length > 0)
        {
            byte[] values = [0, 1, 0x7f, 0x80, 0xff, 0x30, 0x81, 0x84, (byte)random.Next(256)];
            changed[random.Next(changed.Length)] = Pick(random, values);
        }

        return changed;
    }

    private static byte[] Slice(Random random, byte[] input, int most = int.MaxValue)
    {
        int from = random.Next(input.Length + 1);
        int length = random.Next(Math.Min(input.Length - from, most) + 1);
        return input.AsSpan(from, length).ToArray();
    }

    private static byte[] Replace(Random random, byte[] input, byte[] by)
    {
        int from = random.Next(input.Length + 1);
        return Replace(input, from, random.Next(Math.Min(input.Length - from, 40) + 1), by);
    }

    private static byte[] Replace(byte[] input, int from, int length, byte[] by)
    {
        byte[] changed = new byte[input.Length - length + by.Length];
        Buffer.BlockCopy(input, 0, changed, 0, from);
        Buffer.BlockCopy(by, 0, changed, from, by.Length);
        Buffer.BlockCopy(input, from + length, changed, from + by.Length, input.Length - from - length);
        return changed;
    }

    private static byte[] Insert(Random random, byte[] input, byte[] what) => Replace(input, random.Next(input.Length + 1), 0, what);

    private static byte[] Repeated(byte[] what, int times)
    {
        byte[] repeated = new byte[Math.Min(what.Length * times, MostBytes)];
        for (int i = 0; i < repeated.Length; i++)
        {
            repeated[i] = what[i % what.Length];
        }

        return repeated;
    }

    private static byte[] Splice(Random random, byte[] input, byte[] other) =>
        [.. input.Take(random.Next(input.Length + 1)), .. other.Skip(random.Next(other.Length + 1))];

    private static byte[] ReplaceNumber(Random random, byte[] input)
    {
        int from = Find(random, input, static b => b is >= (byte)'0' and <= (byte)'9');
        int length = Run(input, from, static b => b is >= (byte)'0' and <= (byte)'9');
        string nines = new('9', random.Next(1, 2_000));
        string[] numbers = ["0", "-1", "99999999999999999999", "1e400", "0x10", "4294967296", ".5", "00", nines];
        return Replace(input, from, length, Encoding.ASCII.GetBytes(Pick(random, numbers)));
    }

    /// <summary>Another value for a key, in JSON and in YAML, with or without quotes.</summary>
    private byte[] ReplaceValue(Random random, byte[] input)
    {
        int from = Array.IndexOf(input, (byte)':', random.Next(input.Length + 1)) + 1;
        from += Run(input, from, static b => b == ' ');
        int length = Run(input, from, static b => (char)b is not ('\n' or ',' or '}' or ']'));
        byte[] value = Pick(random, random.Next(3) == 0 && _words.Length > 0 ? _words : Oddities);
        return Replace(input, from, length, random.Next(2) == 0 ? value : [(byte)'"', .. value, (byte)'"']);
    }

    /// <summary>A change to what the base64 stands for, where there is some: certificates, keys and the data of Secrets.</summary>
    private static byte[] ChangeInsideOfBase64(Random random, byte[] input)
    {
        int from = Find(random, input, IsBase64OrLineEnd);
        from += Run(input, from, IsLineEnd);
        int length = Run(input, from, IsBase64OrLineEnd);
        while (length > 0 && IsLineEnd(input[from + length - 1]))
        {
            length--;
        }

        string text = new([.. input.Skip(from).Take(length).Where(b => !IsLineEnd(b)).Select(b => (char)b)]);
        if (text.Length < ShortestBase64)
        {
            return FlipBits(random, input);
        }

        try
        {
            byte[] content = Convert.FromBase64String(text.Substring(0, text.Length / 4 * 4));
            byte[] changed = random.Next(4) switch
            {
                0 => SetByte(random, content),
                1 => Replace(random, content, Slice(random, content, 40)),
                2 => content.Length > 200 ? ChangeInsideOfBase64(random, content) : FlipBits(random, content),
                _ => FlipBits(random, content),
            };
            return Replace(input, from, length, Encoding.ASCII.GetBytes(Convert.ToBase64String(changed)));
        }
        catch (FormatException)
        {
            return FlipBits(random, input);
        }
    }

    private static bool IsBase64OrLineEnd(byte b) =>
        IsLineEnd(b) || (char)b is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '+' or '/' or '=';

    private static bool IsLineEnd(byte b) => b is (byte)'\r' or (byte)'\n';

    /// <summary>The first such byte of the run that a random place is in or before; the end where there is none.</summary>
    private static int Find(Random random, byte[] input, Func<byte, bool> isIt)
    {
        int at = random.Next(input.Length + 1);
        while (at < input.Length && !isIt(input[at]))
        {
            at++;
        }

        while (at > 0 && isIt(input[at - 1]))
        {
            at--;
        }

        return at;
    }

    private static int Run(byte[] input, int from, Func<byte, bool> isIt)
    {
        int length = 0;
        while (from + length < input.Length && isIt(input[from + length]))
        {
            length++;
        }

        return length;
    }
}
