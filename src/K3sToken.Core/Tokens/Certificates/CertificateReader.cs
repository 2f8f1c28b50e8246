using System;
using System.Collections.Generic;
using System.Numerics;

namespace K3sToken.Tokens.Certificates;

/// <summary>Reads a certificate with the checks of Go's x509.ParseCertificate, in its order and with its words: a certificate that Go
/// refuses has no hash.</summary>
internal static class CertificateReader
{
    public static Certificate Read(ReadOnlySpan<byte> der)
    {
        DerReader reader = new(der);
        MalformedCertificate.ThrowUnless(
            reader.TryReadAny(out byte tag, out ReadOnlySpan<byte> raw, out ReadOnlySpan<byte> content) && tag == DerReader.Sequence,
            "x509: malformed certificate");
        Certificate certificate = ReadContent(raw, new DerReader(content));
        MalformedCertificate.ThrowUnless(reader.IsEmpty, "x509: trailing data");
        return certificate;
    }

    private static Certificate ReadContent(ReadOnlySpan<byte> raw, DerReader outer)
    {
        MalformedCertificate.ThrowUnless(
            outer.TryReadAny(out byte tag, out ReadOnlySpan<byte> signed, out ReadOnlySpan<byte> content) && tag == DerReader.Sequence,
            "x509: malformed tbs certificate");
        DerReader inner = new(content);
        int version = ReadVersion(ref inner);
        SkipSerialNumber(ref inner);
        SignatureAlgorithm? signatureAlgorithm = ReadSignatureAlgorithm(ref inner, ref outer);
        MalformedCertificate.ThrowUnless(
            inner.TryReadElement(DerReader.Sequence, out ReadOnlySpan<byte> issuer), "x509: malformed issuer");
        DistinguishedName.Check(issuer);
        MalformedCertificate.ThrowUnless(inner.TryRead(DerReader.Sequence, out DerReader validity), "x509: malformed validity");
        DateTime notBefore = CertificateTime.Read(ref validity);
        DateTime notAfter = CertificateTime.Read(ref validity);
        MalformedCertificate.ThrowUnless(
            inner.TryReadElement(DerReader.Sequence, out ReadOnlySpan<byte> subject), "x509: malformed issuer");
        DistinguishedName.Check(subject);
        MalformedCertificate.ThrowUnless(
            inner.TryReadElement(DerReader.Sequence, out ReadOnlySpan<byte> publicKeyInfo), "x509: malformed spki");
        PublicKey? publicKey = ReadPublicKey(publicKeyInfo);
        List<CertificateExtension> extensions = ReadExtensions(ref inner, version);
        Certificate certificate = new()
        {
            Raw = raw.ToArray(),
            RawSigned = signed.ToArray(),
            RawIssuer = issuer.ToArray(),
            RawSubject = subject.ToArray(),
            RawPublicKeyInfo = publicKeyInfo.ToArray(),
            Signature = [],
            SignatureAlgorithm = signatureAlgorithm,
            PublicKey = publicKey,
            Version = version,
            NotBefore = notBefore,
            NotAfter = notAfter,
        };
        foreach (CertificateExtension extension in extensions)
        {
            CertificateExtensionReader.Apply(extension, certificate);
        }

        MalformedCertificate.ThrowUnless(outer.TryReadBitString(out byte[] signature), "x509: malformed signature");
        certificate.Signature = signature;
        return certificate;
    }

    private static int ReadVersion(ref DerReader reader)
    {
        byte tag = DerReader.ContextSpecificConstructed(0);
        if (!reader.HasTag(tag))
        {
            return 1;
        }

        long version = 0;
        MalformedCertificate.ThrowUnless(
            reader.TryRead(tag, out DerReader field) && field.TryReadInt64(out version) && field.IsEmpty && version >= 0,
            "x509: malformed version");
        MalformedCertificate.ThrowUnless(version <= 2, "x509: invalid version");
        return (int)version + 1;
    }

    private static void SkipSerialNumber(ref DerReader reader)
    {
        MalformedCertificate.ThrowUnless(reader.TryReadInteger(out BigInteger serial), "x509: malformed serial number");
        MalformedCertificate.ThrowUnless(serial.Sign >= 0, "x509: negative serial number");
    }

    /// <summary>The algorithm stands twice, inside and outside of what is signed, and must be the same.</summary>
    private static SignatureAlgorithm? ReadSignatureAlgorithm(ref DerReader inner, ref DerReader outer)
    {
        MalformedCertificate.ThrowUnless(
            inner.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> algorithm), "x509: malformed signature algorithm identifier");
        MalformedCertificate.ThrowUnless(
            outer.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> outerAlgorithm), "x509: malformed algorithm identifier");
        MalformedCertificate.ThrowUnless(
            algorithm.SequenceEqual(outerAlgorithm), "x509: inner and outer signature algorithm identifiers don't match");
        ReadAlgorithm(algorithm, out string identifier, out ReadOnlySpan<byte> parameters);
        return SignatureAlgorithm.From(identifier, parameters);
    }

    private static PublicKey? ReadPublicKey(ReadOnlySpan<byte> publicKeyInfo)
    {
        DerReader reader = new(publicKeyInfo);
        MalformedCertificate.ThrowUnless(reader.TryRead(DerReader.Sequence, out DerReader fields), "x509: malformed spki");
        MalformedCertificate.ThrowUnless(
            fields.TryRead(DerReader.Sequence, out ReadOnlySpan<byte> algorithm), "x509: malformed public key algorithm identifier");
        ReadAlgorithm(algorithm, out string identifier, out ReadOnlySpan<byte> parameters);
        MalformedCertificate.ThrowUnless(fields.TryReadBitString(out byte[] bits), "x509: malformed subjectPublicKey");
        return PublicKey.Read(identifier, parameters, bits);
    }

    private static void ReadAlgorithm(ReadOnlySpan<byte> algorithm, out string identifier, out ReadOnlySpan<byte> parameters)
    {
        DerReader reader = new(algorithm);
        parameters = default;
        MalformedCertificate.ThrowUnless(reader.TryReadObjectIdentifier(out identifier), "x509: malformed OID");
        MalformedCertificate.ThrowUnless(reader.IsEmpty || reader.TryReadAny(out _, out parameters, out _), "x509: malformed parameters");
    }

    private static List<CertificateExtension> ReadExtensions(ref DerReader reader, int version)
    {
        List<CertificateExtension> extensions = [];
        if (version == 1)
        {
            return extensions;
        }

        MalformedCertificate.ThrowUnless(reader.TrySkipOptional(DerReader.ContextSpecific(1)), "x509: malformed issuerUniqueID");
        MalformedCertificate.ThrowUnless(reader.TrySkipOptional(DerReader.ContextSpecific(2)), "x509: malformed subjectUniqueID");
        byte tag = DerReader.ContextSpecificConstructed(3);
        if (version == 2 || !reader.HasTag(tag))
        {
            return extensions;
        }

        DerReader list = default;
        MalformedCertificate.ThrowUnless(
            reader.TryRead(tag, out DerReader field) && field.TryRead(DerReader.Sequence, out list), "x509: malformed extensions");
        HashSet<string> seen = [];
        while (!list.IsEmpty)
        {
            MalformedCertificate.ThrowUnless(list.TryRead(DerReader.Sequence, out DerReader fields), "x509: malformed extension");
            CertificateExtension extension = ReadExtension(ref fields);
            MalformedCertificate.ThrowUnless(
                seen.Add(extension.Identifier), $"x509: certificate contains duplicate extension with OID \"{extension.Identifier}\"");
            extensions.Add(extension);
        }

        return extensions;
    }

    private static CertificateExtension ReadExtension(ref DerReader fields)
    {
        bool isCritical = false;
        MalformedCertificate.ThrowUnless(fields.TryReadObjectIdentifier(out string identifier), "x509: malformed extension OID field");
        MalformedCertificate.ThrowUnless(
            !fields.HasTag(DerReader.Boolean) || fields.TryReadBoolean(out isCritical), "x509: malformed extension critical field");
        MalformedCertificate.ThrowUnless(
            fields.TryRead(DerReader.OctetString, out ReadOnlySpan<byte> value), "x509: malformed extension value field");
        return new CertificateExtension(identifier, isCritical, value.ToArray());
    }
}
