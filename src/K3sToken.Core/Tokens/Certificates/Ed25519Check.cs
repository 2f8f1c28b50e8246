using System;
#if !NETFRAMEWORK
using System.Linq;
using System.Security.Cryptography.X509Certificates;
#endif

namespace K3sToken.Tokens.Certificates;

/// <summary>Verifies an Ed25519 signature. .NET has no type for such keys; but where OpenSSL builds its chains, they verify them.</summary>
internal static class Ed25519Check
{
    /// <exception cref="PlatformNotSupportedException">The platform cannot tell.</exception>
    public static bool IsSignedBy(Certificate child, Certificate parent)
    {
#if NETFRAMEWORK
        throw new PlatformNotSupportedException("Windows PowerShell has no Ed25519; PowerShell 7 on Linux has.");
#else
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("This operating system has no Ed25519; Linux has.");
        }

        using X509Certificate2 childCertificate = Load(child);
        using X509Certificate2 parentCertificate = Load(parent);
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(parentCertificate);
        chain.ChainPolicy.ExtraStore.Add(parentCertificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = child.NotBefore;
        chain.Build(childCertificate);
        if (chain.ChainElements.Count < 2 || !chain.ChainElements[1].Certificate.RawData.AsSpan().SequenceEqual(parent.Raw))
        {
            throw new PlatformNotSupportedException("OpenSSL did not try this issuer.");
        }

        return chain.ChainElements[0].ChainElementStatus.All(status => status.Status != X509ChainStatusFlags.NotSignatureValid);
#endif
    }

#if !NETFRAMEWORK
    private static X509Certificate2 Load(Certificate certificate) => new(certificate.Raw);
#endif
}
