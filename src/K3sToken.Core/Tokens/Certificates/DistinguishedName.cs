using System;
using System.Text;

namespace K3sToken.Tokens.Certificates;

/// <summary>Names are compared byte by byte and never shown; but a name that Go cannot read makes the certificate malformed.</summary>
internal static class DistinguishedName
{
    private const byte Utf8String = 0x0c;
    private const byte NumericString = 0x12;
    private const byte PrintableString = 0x13;
    private const byte T61String = 0x14;
    private const byte Ia5String = 0x16;
    private const byte BmpString = 0x1e;

    private const string InvalidSequence = "x509: invalid RDNSequence";
    private const string InvalidValue = InvalidSequence + ": invalid attribute value";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Check(ReadOnlySpan<byte> name)
    {
        DerReader reader = new(name);
        MalformedCertificate.ThrowUnless(reader.TryRead(DerReader.Sequence, out DerReader sets), InvalidSequence);
        while (!sets.IsEmpty)
        {
            MalformedCertificate.ThrowUnless(sets.TryRead(DerReader.Set, out DerReader attributes), InvalidSequence);
            while (!attributes.IsEmpty)
            {
                CheckAttribute(ref attributes);
            }
        }
    }

    private static void CheckAttribute(ref DerReader attributes)
    {
        MalformedCertificate.ThrowUnless(
            attributes.TryRead(DerReader.Sequence, out DerReader attribute), InvalidSequence + ": invalid attribute");
        MalformedCertificate.ThrowUnless(attribute.TryReadObjectIdentifier(out _), InvalidSequence + ": invalid attribute type");
        MalformedCertificate.ThrowUnless(attribute.TryReadAny(out byte tag, out _, out ReadOnlySpan<byte> value), InvalidValue);
        string? problem = tag switch
        {
            T61String => null,
            PrintableString => All(value, IsPrintable) ? null : "invalid PrintableString",
            Utf8String => IsUtf8(value) ? null : "invalid UTF-8 string",
            BmpString => IsBmp(value) ? null : "invalid BMPString",
            Ia5String => Ascii.IsAscii(value) ? null : "invalid IA5String",
            NumericString => All(value, static b => b is (>= (byte)'0' and <= (byte)'9') or (byte)' ') ? null : "invalid NumericString",
            _ => FormattableString.Invariant($"unsupported string type: {tag}"),
        };
        MalformedCertificate.ThrowUnless(problem is null, $"{InvalidValue}: {problem}");
    }

    private static bool All(ReadOnlySpan<byte> value, Func<byte, bool> isAllowed)
    {
        foreach (byte b in value)
        {
            if (!isAllowed(b))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The set of PrintableString, and the two characters that Go lets pass besides.</summary>
    private static bool IsPrintable(byte b) =>
        (char)b is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or (>= '\'' and <= ')') or (>= '+' and <= '/')
            or ' ' or ':' or '=' or '?' or '*' or '&';

    private static bool IsUtf8(ReadOnlySpan<byte> value)
    {
        try
        {
            _ = StrictUtf8.GetCharCount(value.ToArray());
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>UTF-16 without surrogates and without the code points that are no characters.</summary>
    private static bool IsBmp(ReadOnlySpan<byte> value)
    {
        if (value.Length % 2 != 0)
        {
            return false;
        }

        for (int i = 0; i < value.Length; i += 2)
        {
            int point = (value[i] << 8) | value[i + 1];
            if (point is 0xfffe or 0xffff or (>= 0xfdd0 and <= 0xfdef) or (>= 0xd800 and <= 0xdfff))
            {
                return false;
            }
        }

        return true;
    }
}
