using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace K3sToken.Kubernetes;

/// <summary>The certificates of a PEM bundle.</summary>
internal static class PemCertificates
{
    private const string Begin = "-----BEGIN CERTIFICATE-----";
    private const string End = "-----END CERTIFICATE-----";

    /// <summary>Every certificate in the bundle that can be read, in its order; what stands between them is left out.</summary>
    public static List<X509Certificate2> Read(byte[] pem)
    {
        List<X509Certificate2> certificates = [];
        string text = Encoding.ASCII.GetString(pem);
        int from = text.IndexOf(Begin, StringComparison.Ordinal);
        while (from >= 0)
        {
            int to = text.IndexOf(End, from, StringComparison.Ordinal);
            if (to < 0)
            {
                break;
            }

            from += Begin.Length;
            if (ReadOne(text.Substring(from, to - from)) is { } certificate)
            {
                certificates.Add(certificate);
            }

            from = text.IndexOf(Begin, to, StringComparison.Ordinal);
        }

        return certificates;
    }

    private static X509Certificate2? ReadOne(string base64)
    {
        try
        {
            return new X509Certificate2(Convert.FromBase64String(base64));
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return null;
        }
    }
}
