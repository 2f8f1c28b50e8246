using System;
using System.Globalization;
using System.Linq;
using System.Numerics;

namespace K3sToken.Tokens.Certificates;

/// <summary>One of the NIST curves y² = x³ − 3x + b (mod p).</summary>
internal sealed class EllipticCurve
{
    private static readonly EllipticCurve[] All =
    [
        new("1.3.132.0.33", 28, Power(224) - Power(96) + 1, "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4"),
        new(
            "1.2.840.10045.3.1.7",
            32,
            Power(256) - Power(224) + Power(192) + Power(96) - 1,
            "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
        new(
            "1.3.132.0.34",
            48,
            Power(384) - Power(128) - Power(96) + Power(32) - 1,
            "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef"),
        new(
            "1.3.132.0.35",
            66,
            Power(521) - 1,
            "051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e1"
                + "56193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00"),
    ];

    private readonly BigInteger _p;
    private readonly BigInteger _b;

    private EllipticCurve(string identifier, int size, BigInteger p, string b)
    {
        Identifier = identifier;
        Size = size;
        _p = p;
        _b = BigInteger.Parse("0" + b, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    /// <summary>The object identifier.</summary>
    public string Identifier { get; }

    /// <summary>How many bytes a coordinate has.</summary>
    public int Size { get; }

    public static EllipticCurve? Find(string identifier) => All.FirstOrDefault(curve => curve.Identifier == identifier);

    /// <summary>Whether these bytes are an uncompressed point of the curve.</summary>
    public bool Contains(ReadOnlySpan<byte> point)
    {
        if (point.Length != 1 + (2 * Size) || point[0] != 4)
        {
            return false;
        }

        BigInteger x = Number(point.Slice(1, Size));
        BigInteger y = Number(point.Slice(1 + Size));
        return x < _p && y < _p && ((y * y) - (x * x * x) + (3 * x) - _b) % _p == 0;
    }

    private static BigInteger Power(int exponent) => BigInteger.One << exponent;

    private static BigInteger Number(ReadOnlySpan<byte> bigEndian)
    {
        byte[] bytes = new byte[bigEndian.Length + 1];
        bigEndian.CopyTo(bytes.AsSpan(1));
        Array.Reverse(bytes);
        return new BigInteger(bytes);
    }
}
