using System;
using System.Collections.Generic;
using System.Linq;

namespace K3sToken.Tokens.Certificates;

/// <summary>Builds the chains that Go's x509.Verify builds, in its order: several can be valid, and K3s hashes the root of the first
/// one.</summary>
internal sealed class ChainBuilder(CertificatePool roots, CertificatePool intermediates, DateTime utcNow)
{
    private const int MaxSignatureChecks = 100;

    private int _signatureChecks;

    /// <summary>The first valid chain, the leaf first and the root last; null if there is none.</summary>
    public IReadOnlyList<Certificate>? FirstChain(Certificate leaf)
    {
        if (!IsValid(leaf, below: []))
        {
            return null;
        }

        IEnumerable<IReadOnlyList<Certificate>> chains = roots.Contains(leaf) ? [[leaf]] : Chains([leaf]);
        return chains.FirstOrDefault(IsAcceptable);
    }

    private static bool IsAcceptable(IReadOnlyList<Certificate> chain)
    {
        if (chain.Take(chain.Count - 1).Any(certificate => certificate.DemandsPolicies))
        {
            throw new K3sTokenException(
                ErrorId.ServerCertificateUntrusted,
                "A CA certificate demands or maps certificate policies, which are not evaluated here; so the CA hash is not certain.");
        }

        return chain.All(certificate => certificate.AllowsServerAuthentication) && NameConstraints.AreKept(chain);
    }

    private static bool IsInChain(Certificate candidate, IReadOnlyList<Certificate> chain)
    {
        foreach (Certificate certificate in chain)
        {
            if (!candidate.RawSubject.AsSpan().SequenceEqual(certificate.RawSubject)
                || !candidate.RawPublicKeyInfo.AsSpan().SequenceEqual(certificate.RawPublicKeyInfo))
            {
                continue;
            }

            byte[]? names = candidate.RawSubjectAlternativeNames;
            byte[]? otherNames = certificate.RawSubjectAlternativeNames;
            if (names is null || otherNames is null)
            {
                return names is null && otherNames is null;
            }

            if (names.AsSpan().SequenceEqual(otherNames))
            {
                return true;
            }
        }

        return false;
    }

    private IEnumerable<IReadOnlyList<Certificate>> Chains(IReadOnlyList<Certificate> below)
    {
        Certificate child = below[below.Count - 1];
        foreach (Certificate root in roots.PotentialParents(child))
        {
            if (IsParent(root, below))
            {
                yield return [.. below, root];
            }
        }

        foreach (Certificate intermediate in intermediates.PotentialParents(child))
        {
            if (IsParent(intermediate, below) && intermediate.HasBasicConstraints && intermediate.IsCA)
            {
                foreach (IReadOnlyList<Certificate> chain in Chains([.. below, intermediate]))
                {
                    yield return chain;
                }
            }
        }
    }

    private bool IsParent(Certificate candidate, IReadOnlyList<Certificate> below)
    {
        if (candidate.PublicKey is null || IsInChain(candidate, below) || ++_signatureChecks > MaxSignatureChecks)
        {
            return false;
        }

        return SignatureCheck.IsSignedBy(below[below.Count - 1], candidate) && IsValid(candidate, below);
    }

    private bool IsValid(Certificate certificate, IReadOnlyList<Certificate> below) =>
        !certificate.HasUnhandledCriticalExtension
        && utcNow >= certificate.NotBefore
        && utcNow <= certificate.NotAfter
        && (!certificate.HasBasicConstraints || certificate.MaxPathLength < 0 || below.Count - 1 <= certificate.MaxPathLength);
}
