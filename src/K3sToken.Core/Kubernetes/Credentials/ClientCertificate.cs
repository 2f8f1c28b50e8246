using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace K3sToken.Kubernetes;

/// <summary>A client certificate with its private key, ready for TLS, and the certificates to send along.</summary>
internal sealed class ClientCertificate : IDisposable
{
    private ClientCertificate(X509Certificate2 certificate, X509Certificate2Collection intermediates)
    {
        Certificate = certificate;
        Intermediates = intermediates;
    }

    /// <summary>The certificate, with the private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The other certificates of the PEM text, in its order.</summary>
    public X509Certificate2Collection Intermediates { get; }

    /// <summary>When the certificate expires, UTC.</summary>
    public DateTime Expires => Certificate.NotAfter.ToUniversalTime();

    /// <summary>Pairs the one certificate that the key belongs to with the key.</summary>
    /// <param name="certificatePem">Certificates, in any order.</param>
    /// <param name="keyPem">A private key, RSA or EC: PKCS#1, SEC1 or PKCS#8, not encrypted.</param>
    /// <param name="owner">Whose they are, for messages: <c>user 'admin' of /home/me/.kube/config</c>.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.KubeconfigInvalid"/>: one cannot be used, or they are no pair.</exception>
    public static ClientCertificate Load(byte[] certificatePem, byte[] keyPem, string owner)
    {
        List<X509Certificate2> certificates = ReadCertificates(certificatePem, owner);
        using AsymmetricAlgorithm key = ReadKey(keyPem, owner);
        for (int i = 0; i < certificates.Count; i++)
        {
            if (Pair(certificates[i], key) is { } pair)
            {
                certificates[i].Dispose();
                certificates.RemoveAt(i);
                return new ClientCertificate(ForTls(pair), [.. certificates]);
            }
        }

        certificates.ForEach(certificate => certificate.Dispose());
        throw Invalid(owner, "the client key does not belong to the client certificate. Both must be of the same pair");
    }

    /// <summary>Disposes of the certificates and the key.</summary>
    public void Dispose()
    {
        Certificate.Dispose();
        foreach (X509Certificate2 certificate in Intermediates)
        {
            certificate.Dispose();
        }
    }

    private static List<X509Certificate2> ReadCertificates(byte[] pem, string owner)
    {
        List<Pem.Block> blocks = Pem.Read(pem);
        try
        {
            List<X509Certificate2> certificates = blocks
                .Where(block => block.Label == "CERTIFICATE")
                .Select(block => new X509Certificate2(block.Der ?? throw new CryptographicException("no base64")))
                .ToList();
            return certificates.Count > 0 ? certificates : throw Invalid(owner, "the client certificate is not a certificate in PEM form");
        }
        catch (CryptographicException)
        {
            throw Invalid(owner, "the client certificate is damaged");
        }
        finally
        {
            Zero(blocks);
        }
    }

    private static AsymmetricAlgorithm ReadKey(byte[] pem, string owner)
    {
        List<Pem.Block> blocks = Pem.Read(pem);
        try
        {
            Pem.Block block = blocks.FirstOrDefault(candidate => PrivateKey.IsLabel(candidate.Label))
                ?? throw Invalid(owner, "the client key is not a private key in PEM form");
            if (block.IsEncrypted)
            {
                throw Invalid(
                    owner,
                    "the client key is encrypted with a password. Name a decrypted one (openssl pkey -in key.pem -out plain.pem)");
            }

            return PrivateKey.Read(block.Label, block.Der ?? throw new CryptographicException("no base64"))
                ?? throw Invalid(owner, "the client key is of another kind than RSA and EC, or on a curve that is not known here, so TLS cannot use it");
        }
        catch (CryptographicException)
        {
            throw Invalid(owner, "the client key is damaged");
        }
        finally
        {
            Zero(blocks);
        }
    }

    // Certificates and a key often stand in one text.
    private static void Zero(List<Pem.Block> blocks) => blocks.ForEach(block => Array.Clear(block.Der ?? [], 0, block.Der?.Length ?? 0));

    private static X509Certificate2? Pair(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        try
        {
            return key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key);
        }
        catch (Exception mismatch) when (mismatch is ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    // Schannel takes no key that is in memory only: https://github.com/dotnet/runtime/issues/23749
    private static X509Certificate2 ForTls(X509Certificate2 pair)
    {
        if (Path.DirectorySeparatorChar != '\\')
        {
            return pair;
        }

        string password = Guid.NewGuid().ToString();
        byte[] exported = pair.Export(X509ContentType.Pkcs12, password);
        pair.Dispose();
        try
        {
            return new X509Certificate2(exported, password);
        }
        finally
        {
            Array.Clear(exported, 0, exported.Length);
        }
    }

    private static K3sTokenException Invalid(string owner, string what) =>
        new(ErrorId.KubeconfigInvalid, $"The client certificate of {owner} cannot be used: {what}.");
}
