using System;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace K3sToken.Tokens.Certificates;

/// <summary>Reads DER just as strictly as Go's cryptobyte, which reads the certificates for K3s: a certificate that it refuses has no
/// hash, and AsnReader draws the line elsewhere.</summary>
internal ref struct DerReader(ReadOnlySpan<byte> data)
{
    public const byte Boolean = 0x01;
    public const byte Integer = 0x02;
    public const byte BitString = 0x03;
    public const byte OctetString = 0x04;
    public const byte ObjectIdentifier = 0x06;
    public const byte UtcTime = 0x17;
    public const byte GeneralizedTime = 0x18;
    public const byte Sequence = 0x30;
    public const byte Set = 0x31;

    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public static byte ContextSpecific(int tag) => (byte)(0x80 | tag);

    public static byte ContextSpecificConstructed(int tag) => (byte)(0xa0 | tag);

    /// <summary>The number that the content octets of an INTEGER stand for, if they are as few as possible.</summary>
    public static bool TryDecodeInteger(ReadOnlySpan<byte> content, out BigInteger value)
    {
        value = default;
        if (content.IsEmpty
            || (content.Length > 1 && ((content[0] == 0 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80))))
        {
            return false;
        }

        byte[] littleEndian = content.ToArray();
        Array.Reverse(littleEndian);
        value = new BigInteger(littleEndian);
        return true;
    }

    public readonly bool HasTag(byte tag) => !_rest.IsEmpty && _rest[0] == tag;

    public bool TryReadAny(out byte tag, out ReadOnlySpan<byte> element, out ReadOnlySpan<byte> content)
    {
        tag = 0;
        element = default;
        content = default;
        if (_rest.Length < 2 || (_rest[0] & 0x1f) == 0x1f
            || !TryReadLength(out int header, out long length) || header + length > _rest.Length)
        {
            return false;
        }

        tag = _rest[0];
        element = _rest.Slice(0, header + (int)length);
        content = element.Slice(header);
        _rest = _rest.Slice(element.Length);
        return true;
    }

    public bool TryRead(byte tag, out ReadOnlySpan<byte> content) => TryReadAny(out byte found, out _, out content) && found == tag;

    public bool TryRead(byte tag, out DerReader content)
    {
        bool isRead = TryRead(tag, out ReadOnlySpan<byte> bytes);
        content = new DerReader(bytes);
        return isRead;
    }

    public bool TryReadElement(byte tag, out ReadOnlySpan<byte> element) => TryReadAny(out byte found, out element, out _) && found == tag;

    public bool TrySkipOptional(byte tag) => !HasTag(tag) || TryRead(tag, out ReadOnlySpan<byte> _);

    public bool TryReadInteger(out BigInteger value, byte tag = Integer)
    {
        value = default;
        return TryRead(tag, out ReadOnlySpan<byte> content) && TryDecodeInteger(content, out value);
    }

    public bool TryReadInt64(out long value, byte tag = Integer)
    {
        bool isRead = TryReadInteger(out BigInteger number, tag) && number >= long.MinValue && number <= long.MaxValue;
        value = isRead ? (long)number : 0;
        return isRead;
    }

    public bool TryReadBoolean(out bool value)
    {
        value = false;
        if (!TryRead(Boolean, out ReadOnlySpan<byte> content) || content.Length != 1 || content[0] is not (0 or 0xff))
        {
            return false;
        }

        value = content[0] == 0xff;
        return true;
    }

    public bool TryReadBitString(out byte[] bits, out int unused)
    {
        bits = [];
        unused = 0;
        if (!TryRead(BitString, out ReadOnlySpan<byte> content) || content.IsEmpty)
        {
            return false;
        }

        unused = content[0];
        bits = content.Slice(1).ToArray();
        return unused <= 7 && (unused == 0 || (bits.Length > 0 && (bits[bits.Length - 1] & ((1 << unused) - 1)) == 0));
    }

    /// <summary>The bits of a BIT STRING moved to the right, so that the unused ones stand in front.</summary>
    public bool TryReadBitString(out byte[] rightAligned)
    {
        if (!TryReadBitString(out rightAligned, out int unused))
        {
            return false;
        }

        for (int i = rightAligned.Length - 1; unused > 0 && i >= 0; i--)
        {
            int left = i > 0 ? rightAligned[i - 1] : 0;
            rightAligned[i] = (byte)((rightAligned[i] >> unused) | (left << (8 - unused)));
        }

        return true;
    }

    /// <summary>An object identifier in its dotted form; a number in it must be below 2³¹.</summary>
    public bool TryReadObjectIdentifier(out string identifier)
    {
        identifier = string.Empty;
        if (!TryRead(ObjectIdentifier, out ReadOnlySpan<byte> content) || content.IsEmpty)
        {
            return false;
        }

        StringBuilder text = new();
        while (!content.IsEmpty)
        {
            if (!TryTakeBase128(ref content, out int number))
            {
                return false;
            }

            if (text.Length == 0)
            {
                int first = Math.Min(number / 40, 2);
                text.Append(first.ToString(CultureInfo.InvariantCulture));
                number -= first * 40;
            }

            text.Append('.').Append(number.ToString(CultureInfo.InvariantCulture));
        }

        identifier = text.ToString();
        return true;
    }

    private static bool TryTakeBase128(ref ReadOnlySpan<byte> content, out int number)
    {
        number = 0;
        if (content[0] == 0x80)
        {
            return false;
        }

        for (int i = 0; i < content.Length && number < 1 << 24; i++)
        {
            number = (number << 7) | (content[i] & 0x7f);
            if (content[i] < 0x80)
            {
                content = content.Slice(i + 1);
                return true;
            }
        }

        return false;
    }

    private readonly bool TryReadLength(out int header, out long length)
    {
        header = 2;
        length = _rest[1];
        if (length < 0x80)
        {
            return true;
        }

        int octets = _rest[1] & 0x7f;
        header += octets;
        length = 0;
        if (octets is 0 or > 4 || header > _rest.Length)
        {
            return false;
        }

        foreach (byte b in _rest.Slice(2, octets))
        {
            length = (length << 8) | b;
        }

        return length >= 0x80 && length >> ((octets - 1) * 8) != 0;
    }
}
