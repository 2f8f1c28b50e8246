using System.Collections.Generic;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace K3sToken.Kubernetes;

/// <summary>The certificates of a PEM bundle.</summary>
internal static class PemCertificates
{
    /// <summary>Every certificate in the bundle that can be read, in its order; anything else in it is left out.</summary>
    public static List<X509Certificate2> Read(byte[] pem)
    {
        List<X509Certificate2> certificates = [];
        foreach (Pem.Block block in Pem.Read(pem))
        {
            if (block is { Label: "CERTIFICATE", Der: { } der } && ReadOne(der) is { } certificate)
            {
                certificates.Add(certificate);
            }
        }

        return certificates;
    }

    /// <summary>True if the bundle has at least one certificate that can be read.</summary>
    public static bool HasAny(byte[] pem)
    {
        List<X509Certificate2> certificates = Read(pem);
        certificates.ForEach(certificate => certificate.Dispose());
        return certificates.Count > 0;
    }

    private static X509Certificate2? ReadOne(byte[] der)
    {
        try
        {
            return new X509Certificate2(der);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
