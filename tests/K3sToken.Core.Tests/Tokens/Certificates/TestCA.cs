using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using K3sToken.Tokens;

namespace K3sToken.Tests.Tokens.Certificates;

/// <summary>A CA certificate made for a test, with its key.</summary>
internal sealed record TestCA(X509Certificate2 Certificate, AsymmetricAlgorithm Key)
{
    public static readonly DateTime Now = new(2026, 11, 21, 19, 0, 0, DateTimeKind.Utc);

    private static readonly DateTimeOffset NotBefore = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset NotAfter = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static int _serial;

    public string DerHash => Convert.ToHexStringLower(SHA256.HashData(Certificate.RawData));

    public X509SubjectKeyIdentifierExtension SubjectKey => Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single();

    public static TestCA Root(params IEnumerable<X509Extension> extensions) => Make("CN=root", null, extensions: extensions);

    public TestCA Issue(params IEnumerable<X509Extension> extensions) => Make("CN=intermediate", this, extensions: extensions);

    /// <summary>A certificate of this issuer, or a self-signed one.</summary>
    public static TestCA Make(
        string subject,
        TestCA? issuer,
        AsymmetricAlgorithm? key = null,
        HashAlgorithmName? hash = null,
        RSASignaturePadding? padding = null,
        X509SubjectKeyIdentifierExtension? subjectKey = null,
        bool hasSubjectKey = true,
        params IEnumerable<X509Extension> extensions)
    {
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X500DistinguishedName name = new(subject);
        HashAlgorithmName algorithm = hash ?? HashAlgorithmName.SHA256;
        padding ??= RSASignaturePadding.Pkcs1;
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest(name, rsa, algorithm, padding)
            : new CertificateRequest(name, (ECDsa)key, algorithm);
        List<X509Extension> all = [.. extensions];
        if (!all.Exists(extension => extension.Oid!.Value == "2.5.29.19"))
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        }

        if (hasSubjectKey)
        {
            request.CertificateExtensions.Add(subjectKey ?? new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        }

        if (issuer is not null)
        {
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(issuer.SubjectKey));
        }

        all.ForEach(request.CertificateExtensions.Add);
        X509SignatureGenerator generator = (issuer?.Key ?? key) is RSA signer
            ? X509SignatureGenerator.CreateForRSA(signer, padding)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)(issuer?.Key ?? key));
        byte[] serial = BitConverter.GetBytes(++_serial);
        serial[0] &= 0x7f;
        serial[3] |= 0x01;
        return new TestCA(request.Create(issuer?.Certificate.SubjectName ?? name, generator, NotBefore, NotAfter, serial), key);
    }

    public static byte[] Bundle(params IEnumerable<TestCA> certificates) =>
        Encoding.ASCII.GetBytes(string.Concat(certificates.Select(ca => ca.Certificate.ExportCertificatePem() + "\n")));

    /// <summary>The hash of a bundle, or the word for the hash of its bytes.</summary>
    public static string Hash(params IReadOnlyList<TestCA> certificates)
    {
        byte[] bundle = Bundle(certificates);
        string hash = CAHash.Compute(bundle, Now);
        return hash == Convert.ToHexStringLower(SHA256.HashData(bundle)) ? "bytes" : hash;
    }

    public static X509Extension Extension(string oid, string hex, bool critical = false) => new(oid, Convert.FromHexString(hex), critical);
}
