using System;
using System.Security.Cryptography;

namespace K3sToken.Tokens.Certificates;

internal enum SignatureScheme
{
    RsaPkcs1,
    RsaPss,
    Ecdsa,
    Ed25519,
}

/// <summary>A signature algorithm that Go accepts in a chain. SHA-1, MD5 and DSA are not among them.</summary>
/// <param name="Scheme">What is done with the hash.</param>
/// <param name="Hash">The hash; no name for Ed25519, which hashes itself.</param>
internal sealed record SignatureAlgorithm(SignatureScheme Scheme, HashAlgorithmName Hash)
{
    private const string RsaPss = "1.2.840.113549.1.1.10";
    private const string Ed25519 = "1.3.101.112";
    private const string Mgf1 = "1.2.840.113549.1.1.8";

    private static readonly byte[] Null = [0x05, 0x00];

    /// <summary>Null for an algorithm that Go does not accept.</summary>
    /// <param name="identifier">The algorithm's object identifier.</param>
    /// <param name="parameters">The encoding of its parameters; empty where there are none.</param>
    public static SignatureAlgorithm? From(string identifier, ReadOnlySpan<byte> parameters) => identifier switch
    {
        "1.2.840.113549.1.1.11" => new(SignatureScheme.RsaPkcs1, HashAlgorithmName.SHA256),
        "1.2.840.113549.1.1.12" => new(SignatureScheme.RsaPkcs1, HashAlgorithmName.SHA384),
        "1.2.840.113549.1.1.13" => new(SignatureScheme.RsaPkcs1, HashAlgorithmName.SHA512),
        "1.2.840.10045.4.3.2" => new(SignatureScheme.Ecdsa, HashAlgorithmName.SHA256),
        "1.2.840.10045.4.3.3" => new(SignatureScheme.Ecdsa, HashAlgorithmName.SHA384),
        "1.2.840.10045.4.3.4" => new(SignatureScheme.Ecdsa, HashAlgorithmName.SHA512),
        RsaPss => FromPssParameters(parameters),
        Ed25519 => parameters.IsEmpty ? new(SignatureScheme.Ed25519, default) : null,
        _ => null,
    };

    /// <summary>One hash for all, and a salt as long as it: Go takes no other parameters.</summary>
    private static SignatureAlgorithm? FromPssParameters(ReadOnlySpan<byte> parameters)
    {
        DerReader outer = new(parameters);
        if (!outer.TryRead(DerReader.Sequence, out DerReader sequence)
            || !sequence.TryRead(DerReader.ContextSpecificConstructed(0), out DerReader hashField)
            || !TryReadAlgorithm(ref hashField, out string hash, out ReadOnlySpan<byte> hashParameters)
            || !IsAbsentOrNull(hashParameters)
            || !sequence.TryRead(DerReader.ContextSpecificConstructed(1), out DerReader maskField)
            || !TryReadAlgorithm(ref maskField, out string mask, out ReadOnlySpan<byte> maskParameters)
            || mask != Mgf1
            || !TryReadMaskHash(maskParameters, hash)
            || !sequence.TryRead(DerReader.ContextSpecificConstructed(2), out DerReader saltField)
            || !saltField.TryReadInt64(out long salt)
            || (sequence.HasTag(DerReader.ContextSpecificConstructed(3))
                && !(sequence.TryRead(DerReader.ContextSpecificConstructed(3), out DerReader trailerField)
                    && trailerField.TryReadInt64(out long trailer) && trailer == 1)))
        {
            return null;
        }

        return (hash, salt) switch
        {
            ("2.16.840.1.101.3.4.2.1", 32) => new(SignatureScheme.RsaPss, HashAlgorithmName.SHA256),
            ("2.16.840.1.101.3.4.2.2", 48) => new(SignatureScheme.RsaPss, HashAlgorithmName.SHA384),
            ("2.16.840.1.101.3.4.2.3", 64) => new(SignatureScheme.RsaPss, HashAlgorithmName.SHA512),
            _ => null,
        };
    }

    private static bool TryReadMaskHash(ReadOnlySpan<byte> parameters, string expected)
    {
        DerReader reader = new(parameters);
        return TryReadAlgorithm(ref reader, out string hash, out ReadOnlySpan<byte> hashParameters)
            && hash == expected
            && IsAbsentOrNull(hashParameters);
    }

    private static bool TryReadAlgorithm(ref DerReader reader, out string identifier, out ReadOnlySpan<byte> parameters)
    {
        identifier = string.Empty;
        parameters = default;
        return reader.TryRead(DerReader.Sequence, out DerReader algorithm)
            && algorithm.TryReadObjectIdentifier(out identifier)
            && (algorithm.IsEmpty || algorithm.TryReadAny(out _, out parameters, out _));
    }

    private static bool IsAbsentOrNull(ReadOnlySpan<byte> parameters) => parameters.IsEmpty || parameters.SequenceEqual(Null);
}
