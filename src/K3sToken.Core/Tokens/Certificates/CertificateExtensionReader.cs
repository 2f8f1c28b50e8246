using System;
using System.Collections.Generic;

namespace K3sToken.Tokens.Certificates;

/// <summary>An extension as it stands in the certificate.</summary>
internal sealed record CertificateExtension(string Identifier, bool IsCritical, byte[] Value);

/// <summary>Reads the extensions that Go reads: those that chain building needs, and the form of the others.</summary>
internal static class CertificateExtensionReader
{
    private const int SignCertificatesBit = 5;
    private const string AnyExtendedKeyUsage = "2.5.29.37.0";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    public static void Apply(CertificateExtension extension, Certificate certificate)
    {
        bool isHandled = TryApply(extension, new DerReader(extension.Value), certificate);
        if (extension.IsCritical && !isHandled)
        {
            certificate.HasUnhandledCriticalExtension = true;
        }
    }

    /// <summary>False for an extension that Go does not know, or that names only things it does not know.</summary>
    private static bool TryApply(CertificateExtension extension, DerReader value, Certificate certificate)
    {
        switch (extension.Identifier)
        {
            case "2.5.29.14":
                ReadSubjectKeyId(extension, value, certificate);
                return true;
            case "2.5.29.15":
                ReadKeyUsage(value, certificate);
                return true;
            case "2.5.29.17":
                certificate.RawSubjectAlternativeNames = extension.Value;
                certificate.SubjectAlternativeNames = GeneralNames.ReadSubjectAlternativeNames(value);
                return !certificate.SubjectAlternativeNames.IsEmpty;
            case "2.5.29.19":
                ReadBasicConstraints(value, certificate);
                return true;
            case "2.5.29.30":
                certificate.NameConstraints = NameConstraints.Read(value, out bool isComplete);
                return isComplete;
            case "2.5.29.31":
                CheckDistributionPoints(value);
                return true;
            case "2.5.29.32":
                CheckPolicies(value);
                return true;
            case "2.5.29.33":
                ReadPolicyMappings(value, certificate);
                return true;
            case "2.5.29.35":
                ReadAuthorityKeyId(extension, value, certificate);
                return true;
            case "2.5.29.36":
                ReadPolicyConstraints(value, certificate);
                return true;
            case "2.5.29.37":
                ReadExtendedKeyUsage(value, certificate);
                return true;
            case "2.5.29.54":
                MalformedCertificate.ThrowUnless(value.TryReadInt64(out _), "x509: invalid inhibit any policy extension");
                return true;
            case "1.3.6.1.5.5.7.1.1":
                CheckAuthorityInformation(extension, value);
                return true;
            default:
                return false;
        }
    }

    private static void ReadSubjectKeyId(CertificateExtension extension, DerReader value, Certificate certificate)
    {
        MalformedCertificate.ThrowUnless(!extension.IsCritical, "x509: subject key identifier incorrectly marked critical");
        MalformedCertificate.ThrowUnless(
            value.TryRead(DerReader.OctetString, out ReadOnlySpan<byte> id), "x509: invalid subject key identifier");
        certificate.SubjectKeyId = id.ToArray();
    }

    private static void ReadKeyUsage(DerReader value, Certificate certificate)
    {
        MalformedCertificate.ThrowUnless(value.TryReadBitString(out byte[] bits, out _), "x509: invalid key usage");
        bool none = (bits.Length == 0 || bits[0] == 0) && (bits.Length < 2 || (bits[1] & 0x80) == 0);
        certificate.MaySignCertificates = none || (bits[0] & (0x80 >> SignCertificatesBit)) != 0;
    }

    private static void ReadBasicConstraints(DerReader value, Certificate certificate)
    {
        const string Invalid = "x509: invalid basic constraints";
        bool isCA = false;
        long maxPathLength = -1;
        MalformedCertificate.ThrowUnless(value.TryRead(DerReader.Sequence, out DerReader fields), Invalid);
        MalformedCertificate.ThrowUnless(!fields.HasTag(DerReader.Boolean) || fields.TryReadBoolean(out isCA), Invalid);
        MalformedCertificate.ThrowUnless(
            !fields.HasTag(DerReader.Integer) || (fields.TryReadInt64(out maxPathLength) && maxPathLength >= 0), Invalid);
        certificate.HasBasicConstraints = true;
        certificate.IsCA = isCA;
        certificate.MaxPathLength = maxPathLength;
    }

    private static void CheckDistributionPoints(DerReader value)
    {
        const string Invalid = "x509: invalid CRL distribution point";
        byte nameTag = DerReader.ContextSpecificConstructed(0);
        byte uriTag = DerReader.ContextSpecific(6);
        MalformedCertificate.ThrowUnless(value.TryRead(DerReader.Sequence, out DerReader points), Invalid + "s");
        while (!points.IsEmpty)
        {
            MalformedCertificate.ThrowUnless(points.TryRead(DerReader.Sequence, out DerReader point), Invalid);
            if (!point.HasTag(nameTag))
            {
                continue;
            }

            DerReader names = default;
            MalformedCertificate.ThrowUnless(point.TryRead(nameTag, out DerReader name) && name.TryRead(nameTag, out names), Invalid);
            while (names.HasTag(uriTag))
            {
                MalformedCertificate.ThrowUnless(names.TryRead(uriTag, out ReadOnlySpan<byte> _), Invalid);
            }
        }
    }

    private static void CheckPolicies(DerReader value)
    {
        const string Invalid = "x509: invalid certificate policies";
        HashSet<string> seen = [];
        MalformedCertificate.ThrowUnless(value.TryRead(DerReader.Sequence, out DerReader policies), Invalid);
        while (!policies.IsEmpty)
        {
            MalformedCertificate.ThrowUnless(
                policies.TryRead(DerReader.Sequence, out DerReader policy)
                    && policy.TryRead(DerReader.ObjectIdentifier, out ReadOnlySpan<byte> identifier)
                    && IsObjectIdentifier(identifier)
                    && seen.Add(Hex.Lower(identifier)),
                Invalid);
        }
    }

    /// <summary>Here, unlike elsewhere, a number may be as long as it likes.</summary>
    private static bool IsObjectIdentifier(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty || content[content.Length - 1] >= 0x80)
        {
            return false;
        }

        bool isStart = true;
        foreach (byte b in content)
        {
            if (isStart && b == 0x80)
            {
                return false;
            }

            isStart = b < 0x80;
        }

        return true;
    }

    private static void ReadPolicyMappings(DerReader value, Certificate certificate)
    {
        const string Invalid = "x509: invalid policy mappings extension";
        MalformedCertificate.ThrowUnless(value.TryRead(DerReader.Sequence, out DerReader mappings), Invalid);
        while (!mappings.IsEmpty)
        {
            MalformedCertificate.ThrowUnless(
                mappings.TryRead(DerReader.Sequence, out DerReader mapping)
                    && mapping.TryRead(DerReader.ObjectIdentifier, out ReadOnlySpan<byte> _)
                    && mapping.TryRead(DerReader.ObjectIdentifier, out ReadOnlySpan<byte> _),
                Invalid);
            certificate.DemandsPolicies = true;
        }
    }

    private static void ReadAuthorityKeyId(CertificateExtension extension, DerReader value, Certificate certificate)
    {
        const string Invalid = "x509: invalid authority key identifier";
        MalformedCertificate.ThrowUnless(!extension.IsCritical, "x509: authority key identifier incorrectly marked critical");
        MalformedCertificate.ThrowUnless(value.TryRead(DerReader.Sequence, out DerReader fields), Invalid);
        if (fields.HasTag(DerReader.ContextSpecific(0)))
        {
            MalformedCertificate.ThrowUnless(fields.TryRead(DerReader.ContextSpecific(0), out ReadOnlySpan<byte> id), Invalid);
            certificate.AuthorityKeyId = id.ToArray();
        }
    }

    private static void ReadPolicyConstraints(DerReader value, Certificate certificate)
    {
        const string Invalid = "x509: invalid policy constraints extension";
        byte requireExplicitPolicy = DerReader.ContextSpecific(0);
        byte inhibitPolicyMapping = DerReader.ContextSpecific(1);
        MalformedCertificate.ThrowUnless(value.TryRead(DerReader.Sequence, out DerReader fields), Invalid);
        if (fields.HasTag(requireExplicitPolicy))
        {
            MalformedCertificate.ThrowUnless(fields.TryReadInt64(out long certificates, requireExplicitPolicy), Invalid);
            certificate.DemandsPolicies |= certificates >= 0;
        }

        MalformedCertificate.ThrowUnless(
            !fields.HasTag(inhibitPolicyMapping) || fields.TryReadInt64(out _, inhibitPolicyMapping), Invalid);
    }

    private static void ReadExtendedKeyUsage(DerReader value, Certificate certificate)
    {
        const string Invalid = "x509: invalid extended key usages";
        List<string> usages = [];
        MalformedCertificate.ThrowUnless(value.TryRead(DerReader.Sequence, out DerReader fields), Invalid);
        while (!fields.IsEmpty)
        {
            MalformedCertificate.ThrowUnless(fields.TryReadObjectIdentifier(out string usage), Invalid);
            usages.Add(usage);
        }

        certificate.AllowsServerAuthentication = usages.Count == 0
            || usages.Exists(usage => usage is AnyExtendedKeyUsage or ServerAuthentication);
    }

    private static void CheckAuthorityInformation(CertificateExtension extension, DerReader value)
    {
        const string Invalid = "x509: invalid authority info access";
        byte uriTag = DerReader.ContextSpecific(6);
        MalformedCertificate.ThrowUnless(!extension.IsCritical, "x509: authority info access incorrectly marked critical");
        MalformedCertificate.ThrowUnless(value.TryRead(DerReader.Sequence, out DerReader descriptions), Invalid);
        while (!descriptions.IsEmpty)
        {
            MalformedCertificate.ThrowUnless(
                descriptions.TryRead(DerReader.Sequence, out DerReader description) && description.TryReadObjectIdentifier(out _), Invalid);
            MalformedCertificate.ThrowUnless(description.TrySkipOptional(uriTag), Invalid);
        }
    }
}
