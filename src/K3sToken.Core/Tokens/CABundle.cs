using System;
using System.Collections.Generic;
using System.Linq;
using K3sToken.Tokens.Certificates;

namespace K3sToken.Tokens;

/// <summary>The certificates of a PEM bundle, as K3s reads it: blocks with the label CERTIFICATE and no headers.</summary>
public static class CABundle
{
    private const int MostBytes = 1 << 20;

    /// <summary>The certificates in the order of the bundle, each as its DER encoding.</summary>
    /// <param name="bundle">The bytes of the bundle, just as they were served or stored.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ServerError"/>: there is no certificate, or one that K3s refuses to read,
    /// and the message is K3s' own; or the bundle is larger than 1 MiB.</exception>
    public static IReadOnlyList<byte[]> ReadCertificates(ReadOnlySpan<byte> bundle) =>
        [.. Parse(bundle).Select(certificate => certificate.Raw)];

    internal static IReadOnlyList<Certificate> Parse(ReadOnlySpan<byte> bundle)
    {
        if (bundle.Length > MostBytes)
        {
            throw new K3sTokenException(
                ErrorId.ServerError, $"it is larger than {MostBytes >> 20} MiB, which no bundle of a cluster's CAs is");
        }

        List<Certificate> certificates = [];
        foreach (PemBlock block in PemBlocks.Read(bundle.ToArray()))
        {
            if (block is { Label: "CERTIFICATE", HasHeaders: false })
            {
                certificates.Add(CertificateReader.Read(block.Content));
            }
        }

        return certificates.Count > 0
            ? certificates
            : throw new K3sTokenException(ErrorId.ServerError, "data does not contain any valid RSA or ECDSA certificates");
    }
}
