using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using K3sToken.Tokens.Certificates;

namespace K3sToken.Tokens;

/// <summary>The hash in a token by which a node knows the cluster's CA before it trusts it.</summary>
public static class CAHash
{
    /// <summary>Computes the hash of a bundle: of its bytes where it holds one certificate, of the root's DER where the first of several
    /// certificates chains to a root in the bundle, else of its bytes again.</summary>
    /// <param name="bundle">The bytes of the bundle, just as they were served or stored.</param>
    /// <param name="utcNow">The time at which the certificates must be valid; now, if none is given.</param>
    /// <returns>64 lower-case hex digits.</returns>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ServerError"/>: K3s makes no hash of this bundle, and the message is its own.
    /// <see cref="ErrorId.ServerCertificateUntrusted"/>: this computer cannot verify what K3s can, and no other hash will do.</exception>
    public static string Compute(ReadOnlySpan<byte> bundle, DateTime? utcNow = null)
    {
        IReadOnlyList<Certificate> certificates = CABundle.Parse(bundle);
        byte[]? root = certificates.Count > 1 ? FindRoot(certificates, utcNow ?? DateTime.UtcNow)?.Raw : null;
        using SHA256 sha256 = SHA256.Create();
        return Hex.Lower(sha256.ComputeHash(root ?? bundle.ToArray()));
    }

    private static Certificate? FindRoot(IReadOnlyList<Certificate> certificates, DateTime utcNow)
    {
        CertificatePool roots = new();
        CertificatePool intermediates = new();
        for (int i = 1; i < certificates.Count; i++)
        {
            Certificate certificate = certificates[i];
            bool namesNoOtherIssuer = certificate.AuthorityKeyId.Length == 0
                || certificate.AuthorityKeyId.AsSpan().SequenceEqual(certificate.SubjectKeyId);
            (namesNoOtherIssuer ? roots : intermediates).Add(certificate);
        }

        IReadOnlyList<Certificate>? chain = new ChainBuilder(roots, intermediates, utcNow).FirstChain(certificates[0]);
        return chain?[chain.Count - 1];
    }
}
