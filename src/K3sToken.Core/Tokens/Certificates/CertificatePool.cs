using System;
using System.Collections.Generic;
using System.Linq;

namespace K3sToken.Tokens.Certificates;

/// <summary>Certificates in the order in which they were added, each once.</summary>
internal sealed class CertificatePool
{
    private readonly List<Certificate> _certificates = [];

    public void Add(Certificate certificate)
    {
        if (!Contains(certificate))
        {
            _certificates.Add(certificate);
        }
    }

    public bool Contains(Certificate certificate) => _certificates.Exists(other => other.Raw.AsSpan().SequenceEqual(certificate.Raw));

    /// <summary>Those whose subject is the certificate's issuer: first where the key ids agree, then where one of the two is missing,
    /// then where they differ.</summary>
    public IEnumerable<Certificate> PotentialParents(Certificate child) => _certificates
        .Where(candidate => candidate.RawSubject.AsSpan().SequenceEqual(child.RawIssuer))
        .OrderBy(candidate => Distance(candidate.SubjectKeyId, child.AuthorityKeyId));

    private static int Distance(byte[] subjectKeyId, byte[] authorityKeyId)
    {
        if (subjectKeyId.AsSpan().SequenceEqual(authorityKeyId))
        {
            return 0;
        }

        return subjectKeyId.Length == 0 || authorityKeyId.Length == 0 ? 1 : 2;
    }
}
