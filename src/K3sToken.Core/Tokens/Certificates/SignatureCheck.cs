using System;
using System.Numerics;
using System.Security.Cryptography;

namespace K3sToken.Tokens.Certificates;

/// <summary>Whether one certificate signed another, by Go's rules and the platform's cryptography.</summary>
internal static class SignatureCheck
{
    private const int SmallestRsaKey = 1024;

    /// <exception cref="K3sTokenException"><see cref="ErrorId.ServerCertificateUntrusted"/>: the platform cannot verify such a
    /// signature.</exception>
    public static bool IsSignedBy(Certificate child, Certificate parent)
    {
        bool maySign = parent.HasBasicConstraints ? parent.IsCA : parent.Version < 3;
        if (!maySign || !parent.MaySignCertificates || child.SignatureAlgorithm is not { } algorithm)
        {
            return false;
        }

        try
        {
            return (algorithm.Scheme, parent.PublicKey) switch
            {
                (SignatureScheme.RsaPkcs1, RsaPublicKey key) => VerifyRsa(child, algorithm.Hash, key, RSASignaturePadding.Pkcs1),
                (SignatureScheme.RsaPss, RsaPublicKey key) => VerifyRsa(child, algorithm.Hash, key, RSASignaturePadding.Pss),
                (SignatureScheme.Ecdsa, EcdsaPublicKey key) => VerifyEcdsa(child, algorithm.Hash, key),
                (SignatureScheme.Ed25519, Ed25519PublicKey) => Ed25519Check.IsSignedBy(child, parent),
                _ => false,
            };
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException or NotImplementedException)
        {
            throw new K3sTokenException(
                ErrorId.ServerCertificateUntrusted,
                $"This computer cannot verify the {algorithm.Scheme} signature of a CA certificate: {exception.Message} "
                    + "Without that the CA hash is not certain. Take it from the token on the server, or ask from another computer.",
                exception);
        }
    }

    private static bool VerifyRsa(Certificate child, HashAlgorithmName hash, RsaPublicKey key, RSASignaturePadding padding)
    {
        byte[] modulus = BigEndian(key.Modulus);
        bool isUsable = key.Modulus >> (SmallestRsaKey - 1) != 0 && !key.Modulus.IsEven
            && key.Exponent is >= 2 and <= int.MaxValue && key.Exponent % 2 == 1;
        if (!isUsable || child.Signature.Length != modulus.Length)
        {
            return false;
        }

        using RSA rsa = CreateRsa(padding);
        rsa.ImportParameters(new RSAParameters { Modulus = modulus, Exponent = BigEndian(key.Exponent) });
        return rsa.VerifyHash(Hash(child.RawSigned, hash), child.Signature, hash, padding);
    }

#if NETFRAMEWORK
    // The default there knows no PSS.
    private static RSA CreateRsa(RSASignaturePadding padding) => padding == RSASignaturePadding.Pss ? new RSACng() : RSA.Create();
#else
    private static RSA CreateRsa(RSASignaturePadding _) => RSA.Create();
#endif

    private static bool VerifyEcdsa(Certificate child, HashAlgorithmName hash, EcdsaPublicKey key)
    {
        if (!TryFlatten(child.Signature, key.Curve.Size, out byte[] signature))
        {
            return false;
        }

        using ECDsa ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.CreateFromOid(new Oid(key.Curve.Identifier)),
            Q = new ECPoint { X = key.X, Y = key.Y },
        });
        return ecdsa.VerifyHash(Hash(child.RawSigned, hash), signature);
    }

    /// <summary>The two numbers of a signature side by side, as the platform wants them.</summary>
    private static bool TryFlatten(byte[] signature, int size, out byte[] flat)
    {
        flat = new byte[2 * size];
        DerReader reader = new(signature);
        if (!reader.TryRead(DerReader.Sequence, out DerReader numbers) || !reader.IsEmpty
            || !numbers.TryReadInteger(out BigInteger r) || !numbers.TryReadInteger(out BigInteger s) || !numbers.IsEmpty
            || r.Sign <= 0 || s.Sign <= 0)
        {
            return false;
        }

        byte[] rBytes = BigEndian(r);
        byte[] sBytes = BigEndian(s);
        if (rBytes.Length > size || sBytes.Length > size)
        {
            return false;
        }

        rBytes.CopyTo(flat, size - rBytes.Length);
        sBytes.CopyTo(flat, flat.Length - sBytes.Length);
        return true;
    }

    private static byte[] Hash(byte[] data, HashAlgorithmName name)
    {
        using HashAlgorithm hash = name == HashAlgorithmName.SHA256 ? SHA256.Create()
            : name == HashAlgorithmName.SHA384 ? SHA384.Create()
            : SHA512.Create();
        return hash.ComputeHash(data);
    }

    /// <summary>A positive number without leading zeroes.</summary>
    private static byte[] BigEndian(BigInteger number)
    {
        byte[] bytes = number.ToByteArray();
        int length = bytes[bytes.Length - 1] == 0 ? bytes.Length - 1 : bytes.Length;
        Array.Resize(ref bytes, length);
        Array.Reverse(bytes);
        return bytes;
    }
}
