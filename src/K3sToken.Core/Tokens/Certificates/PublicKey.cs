using System;
using System.Numerics;

namespace K3sToken.Tokens.Certificates;

/// <summary>A public key that Go can read.</summary>
internal abstract record PublicKey
{
    private static readonly byte[] Null = [0x05, 0x00];

    /// <summary>Null for a kind of key that Go does not know.</summary>
    /// <param name="algorithm">The object identifier of the kind of key.</param>
    /// <param name="parameters">The encoding of the parameters; empty where there are none.</param>
    /// <param name="bits">The key itself.</param>
    public static PublicKey? Read(string algorithm, ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> bits) => algorithm switch
    {
        "1.2.840.113549.1.1.1" => ReadRsa(parameters, bits),
        "1.2.840.10045.2.1" => ReadEcdsa(parameters, bits),
        "1.3.101.112" => ReadEd25519(parameters, bits),
        "1.3.101.110" => ReadX25519(parameters, bits),
        "1.2.840.10040.4.1" => ReadDsa(parameters, bits),
        _ => null,
    };

    private static RsaPublicKey ReadRsa(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> bits)
    {
        MalformedCertificate.ThrowUnless(parameters.SequenceEqual(Null), "x509: RSA key missing NULL parameters");
        DerReader reader = new(bits);
        MalformedCertificate.ThrowUnless(reader.TryRead(DerReader.Sequence, out DerReader key), "x509: invalid RSA public key");
        MalformedCertificate.ThrowUnless(key.TryReadInteger(out BigInteger modulus), "x509: invalid RSA modulus");
        MalformedCertificate.ThrowUnless(key.TryReadInt64(out long exponent), "x509: invalid RSA public exponent");
        MalformedCertificate.ThrowUnless(modulus.Sign > 0, "x509: RSA modulus is not a positive number");
        MalformedCertificate.ThrowUnless(exponent > 0, "x509: RSA public exponent is not a positive number");
        return new RsaPublicKey(modulus, exponent);
    }

    private static EcdsaPublicKey ReadEcdsa(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> bits)
    {
        DerReader reader = new(parameters);
        MalformedCertificate.ThrowUnless(reader.TryReadObjectIdentifier(out string identifier), "x509: invalid ECDSA parameters");
        EllipticCurve curve = EllipticCurve.Find(identifier) ?? throw MalformedCertificate.Because("x509: unsupported elliptic curve");
        MalformedCertificate.ThrowUnless(curve.Contains(bits), "x509: failed to unmarshal elliptic curve point");
        return new EcdsaPublicKey(curve, bits.Slice(1, curve.Size).ToArray(), bits.Slice(1 + curve.Size).ToArray());
    }

    private static Ed25519PublicKey ReadEd25519(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> bits)
    {
        MalformedCertificate.ThrowUnless(parameters.IsEmpty, "x509: Ed25519 key encoded with illegal parameters");
        MalformedCertificate.ThrowUnless(bits.Length == 32, "x509: wrong Ed25519 public key size");
        return new Ed25519PublicKey();
    }

    private static OtherPublicKey ReadX25519(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> bits)
    {
        MalformedCertificate.ThrowUnless(parameters.IsEmpty, "x509: X25519 key encoded with illegal parameters");
        MalformedCertificate.ThrowUnless(bits.Length == 32, "crypto/ecdh: invalid public key");
        return new OtherPublicKey();
    }

    private static OtherPublicKey ReadDsa(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> bits)
    {
        DerReader reader = new(bits);
        MalformedCertificate.ThrowUnless(reader.TryReadInteger(out BigInteger y), "x509: invalid DSA public key");
        reader = new DerReader(parameters);
        BigInteger p = 0;
        BigInteger q = 0;
        BigInteger g = 0;
        MalformedCertificate.ThrowUnless(
            reader.TryRead(DerReader.Sequence, out DerReader sequence)
                && sequence.TryReadInteger(out p) && sequence.TryReadInteger(out q) && sequence.TryReadInteger(out g),
            "x509: invalid DSA parameters");
        MalformedCertificate.ThrowUnless(
            y.Sign > 0 && p.Sign > 0 && q.Sign > 0 && g.Sign > 0,
            "x509: zero or negative DSA parameter");
        return new OtherPublicKey();
    }
}

internal sealed record RsaPublicKey(BigInteger Modulus, long Exponent) : PublicKey;

internal sealed record EcdsaPublicKey(EllipticCurve Curve, byte[] X, byte[] Y) : PublicKey;

/// <summary>The platform takes these out of the certificate itself.</summary>
internal sealed record Ed25519PublicKey : PublicKey;

/// <summary>A key that Go reads and that verifies no signature of a certificate.</summary>
internal sealed record OtherPublicKey : PublicKey;
