using System;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken;

/// <summary>Where the CA of a cluster comes from.</summary>
public enum ClusterCAKind
{
    /// <summary>K3s made it at its first start: one certificate that signed itself.</summary>
    SelfSigned,

    /// <summary>Somebody gave it to K3s: a chain, or one certificate that another CA signed.</summary>
    Custom,
}

/// <summary>The CA that signs the certificates of a cluster's servers, as nodes get it when they join.</summary>
public sealed record ClusterCA
{
    private ClusterCA(byte[] bundle, string hash, X509Certificate2[] certificates)
    {
        Hash = hash;
        Certificates = certificates;
        Pem = Encoding.UTF8.GetString(bundle);
    }

    /// <summary>The server that served it; null for a file.</summary>
    public string? Server { get; init; }

    /// <summary>The hash that stands in the cluster's tokens after K10: 64 lower-case hex digits.</summary>
    public string Hash { get; }

    /// <summary>SelfSigned or Custom.</summary>
    public ClusterCAKind Kind =>
        Certificates.Length == 1 && IsSelfIssued(Certificates[0]) ? ClusterCAKind.SelfSigned : ClusterCAKind.Custom;

    /// <summary>The name of the CA that signs the servers' certificates, which is the first of the bundle.</summary>
    public string Subject => ServerText.Clean(Certificates[0].Subject);

    /// <summary>When that CA expires, local time.</summary>
    public DateTime NotAfter => Certificates[0].NotAfter;

    /// <summary>The bundle as text.</summary>
    public string Pem { get; }

    /// <summary>Its certificates, in their order.</summary>
    public X509Certificate2[] Certificates { get; }

    /// <summary>True if this machine trusts the server without being told; false for a file.</summary>
    public bool TrustedByHost { get; init; }

    /// <summary>The hash.</summary>
    public override string ToString() => Hash;

    /// <summary>Reads a bundle.</summary>
    /// <param name="bundle">Its bytes.</param>
    /// <param name="source">The server or file, for a message.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ServerError"/>: K3s takes it for no bundle of CAs; its own words stand in the
    /// message. <see cref="ErrorId.ServerCertificateUntrusted"/>: this machine cannot compute its hash.</exception>
    internal static ClusterCA Of(byte[] bundle, string source)
    {
        try
        {
            return new ClusterCA(bundle, CAHash.Compute(bundle), [.. CABundle.ReadCertificates(bundle).Select(Certificate)]);
        }
        catch (K3sTokenException e)
        {
            throw new K3sTokenException(
                e.Id, $"{source} is no bundle of CA certificates that K3s takes: {e.Message}. Check what it holds.", e);
        }
        catch (CryptographicException e)
        {
            throw new K3sTokenException(
                ErrorId.ServerError, $"{source} holds a certificate that .NET does not take. Have the CA issue another.", e);
        }
    }

    private static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static X509Certificate2 Certificate(byte[] der) => new(der);
}
