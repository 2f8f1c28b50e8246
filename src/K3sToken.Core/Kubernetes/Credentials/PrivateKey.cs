using System;
using System.Formats.Asn1;
using System.Security.Cryptography;
#if NETFRAMEWORK
using System.IO;
#endif

namespace K3sToken.Kubernetes;

/// <summary>Reads private keys: RSA and EC, in PKCS#1, SEC1 and PKCS#8.</summary>
internal static class PrivateKey
{
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";

    /// <summary>True for the label of a PEM block that holds a private key.</summary>
    public static bool IsLabel(string label) => label.EndsWith("PRIVATE KEY", StringComparison.Ordinal);

    /// <summary>The key, or null where it is of another algorithm, or on a curve that the platform does not know.</summary>
    /// <exception cref="CryptographicException">The key cannot be read.</exception>
    public static AsymmetricAlgorithm? Read(string label, byte[] der)
    {
        try
        {
            return label switch
            {
                "RSA PRIVATE KEY" => ReadPkcs1(der),
                "EC PRIVATE KEY" => ReadSec1(der),
                "PRIVATE KEY" => ReadPkcs8(der),
                _ => null,
            };
        }
        catch (AsnContentException malformed)
        {
            throw new CryptographicException("The key is not well-formed.", malformed);
        }
        catch (Exception unknown) when (unknown is PlatformNotSupportedException or NotImplementedException)
        {
            return null;
        }
    }

#if NETFRAMEWORK
    private static AsymmetricAlgorithm? ReadPkcs8(byte[] der)
    {
        AsnReader key = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        key.ReadInteger();
        AsnReader algorithm = key.ReadSequence();
        string identifier = algorithm.ReadObjectIdentifier();
        string? curve = identifier == EllipticCurve ? algorithm.ReadObjectIdentifier() : null;
        byte[] content = key.ReadOctetString();
        try
        {
            return identifier switch
            {
                Rsa => ReadPkcs1(content),
                EllipticCurve => ReadSec1(content, curve),
                _ => null,
            };
        }
        finally
        {
            Array.Clear(content, 0, content.Length);
        }
    }

    private static RSA ReadPkcs1(byte[] der)
    {
        AsnReader key = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        key.ReadInteger();
        byte[] modulus = Unsigned(key);
        byte[] exponent = Unsigned(key);
        int half = (modulus.Length + 1) / 2;
        RSAParameters parameters = new()
        {
            Modulus = modulus,
            Exponent = exponent,
            D = Padded(Unsigned(key), modulus.Length),
            P = Padded(Unsigned(key), half),
            Q = Padded(Unsigned(key), half),
            DP = Padded(Unsigned(key), half),
            DQ = Padded(Unsigned(key), half),
            InverseQ = Padded(Unsigned(key), half),
        };
        // What RSA.Create makes on Windows signs with SHA-1 only.
        RSA rsa = Path.DirectorySeparatorChar == '\\' ? new RSACng() : RSA.Create();
        rsa.ImportParameters(parameters);
        foreach (byte[] part in new[] { parameters.D, parameters.P, parameters.Q, parameters.DP, parameters.DQ, parameters.InverseQ })
        {
            Array.Clear(part, 0, part.Length);
        }

        return rsa;
    }

    private static ECDsa ReadSec1(byte[] der, string? curve = null)
    {
        AsnReader key = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        key.ReadInteger();
        byte[] d = key.ReadOctetString();
        Asn1Tag curveTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
        if (key.HasData && key.PeekTag() == curveTag)
        {
            curve = key.ReadSequence(curveTag).ReadObjectIdentifier();
        }

        if (curve is null || !key.HasData)
        {
            throw new CryptographicException("The key does not name its curve, or lacks the public point.");
        }

        byte[] point = key.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 1, isConstructed: true)).ReadBitString(out _);
        int size = (point.Length - 1) / 2;
        if (point.Length < 3 || point[0] != 4)
        {
            throw new CryptographicException("The key's public point is not in the uncompressed form.");
        }

        byte[] padded = Padded(d, size);
        ECDsa ec = ECDsa.Create();
        ec.ImportParameters(new ECParameters
        {
            Curve = ECCurve.CreateFromOid(new Oid(curve)),
            D = padded,
            Q = new ECPoint { X = point.AsSpan(1, size).ToArray(), Y = point.AsSpan(1 + size, size).ToArray() },
        });
        Array.Clear(padded, 0, padded.Length);
        return ec;
    }

    private static byte[] Unsigned(AsnReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadIntegerBytes().Span;
        return (bytes.Length > 1 && bytes[0] == 0 ? bytes.Slice(1) : bytes).ToArray();
    }

    // The platform wants every number in the full length, with zeros in front.
    private static byte[] Padded(byte[] number, int length)
    {
        if (number.Length > length)
        {
            throw new CryptographicException("A number of the key is longer than the key.");
        }

        byte[] padded = new byte[length];
        number.CopyTo(padded, length - number.Length);
        Array.Clear(number, 0, number.Length);
        return padded;
    }
#else
    private static AsymmetricAlgorithm? ReadPkcs8(byte[] der)
    {
        AsnReader key = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        key.ReadInteger();
        return key.ReadSequence().ReadObjectIdentifier() switch
        {
            Rsa => Imported(RSA.Create(), rsa => rsa.ImportPkcs8PrivateKey(der, out _)),
            EllipticCurve => Imported(ECDsa.Create(), ec => ec.ImportPkcs8PrivateKey(der, out _)),
            _ => null,
        };
    }

    private static RSA ReadPkcs1(byte[] der) => Imported(RSA.Create(), rsa => rsa.ImportRSAPrivateKey(der, out _));

    private static ECDsa ReadSec1(byte[] der) => Imported(ECDsa.Create(), ec => ec.ImportECPrivateKey(der, out _));

    private static T Imported<T>(T key, Action<T> import)
        where T : AsymmetricAlgorithm
    {
        try
        {
            import(key);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
#endif
}
