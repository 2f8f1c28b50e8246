using System;

namespace K3sToken.Tokens.Certificates;

/// <summary>What chain building needs to know of a certificate.</summary>
internal sealed class Certificate
{
    /// <summary>The whole encoding.</summary>
    public required byte[] Raw { get; init; }

    /// <summary>The part that the issuer signed.</summary>
    public required byte[] RawSigned { get; init; }

    public required byte[] RawIssuer { get; init; }

    public required byte[] RawSubject { get; init; }

    public required byte[] RawPublicKeyInfo { get; init; }

    public required byte[] Signature { get; set; }

    /// <summary>Null for an algorithm that Go does not accept in a chain.</summary>
    public required SignatureAlgorithm? SignatureAlgorithm { get; init; }

    /// <summary>Null for a kind of key that Go does not know.</summary>
    public required PublicKey? PublicKey { get; init; }

    /// <summary>1, 2 or 3.</summary>
    public required int Version { get; init; }

    public required DateTime NotBefore { get; init; }

    public required DateTime NotAfter { get; init; }

    public bool HasBasicConstraints { get; set; }

    public bool IsCA { get; set; }

    /// <summary>How many CA certificates may stand below this one; negative: any number.</summary>
    public long MaxPathLength { get; set; } = -1;

    /// <summary>True unless key usages are listed and signing certificates is not among them.</summary>
    public bool MaySignCertificates { get; set; } = true;

    public byte[] SubjectKeyId { get; set; } = [];

    public byte[] AuthorityKeyId { get; set; } = [];

    /// <summary>The value of the subject alternative name extension; null where there is none.</summary>
    public byte[]? RawSubjectAlternativeNames { get; set; }

    public GeneralNames SubjectAlternativeNames { get; set; } = new();

    public NameConstraints? NameConstraints { get; set; }

    /// <summary>True unless extended key usages are listed and neither server authentication nor any usage is among them.</summary>
    public bool AllowsServerAuthentication { get; set; } = true;

    /// <summary>True where a policy could make a chain through this certificate invalid.</summary>
    public bool DemandsPolicies { get; set; }

    public bool HasUnhandledCriticalExtension { get; set; }
}
