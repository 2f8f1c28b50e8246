using System;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace K3sToken.Tests.Kubernetes;

/// <summary>A certificate authority for one test, and what it issues. Keys are EC, as those of K3s.</summary>
internal sealed class TestCA
{
    public const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    public const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static int _serial;

    private readonly ECDsa _key;

    private TestCA(X509Certificate2 certificate, ECDsa key)
    {
        Certificate = certificate;
        _key = key;
    }

    public X509Certificate2 Certificate { get; }

    public byte[] Pem => PemOf(Certificate);

    public static TestCA Root(string name = "test-ca")
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        AddExtensions(request, isCA: true);
        return new TestCA(request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(10)), key);
    }

    /// <summary>Lets a certificate issue others whether it may or not.</summary>
    public static TestCA Of(X509Certificate2 certificate) => new(certificate, certificate.GetECDsaPrivateKey()!);

    public TestCA Intermediate(string name)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        AddExtensions(request, isCA: true);
        return new TestCA(Sign(request, DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(5)), key);
    }

    /// <summary>A server's certificate for these names: those that parse as addresses become addresses.</summary>
    public X509Certificate2 Server(params string[] names) => Issue("CN=k3s, O=k3s", ServerAuthentication, names: names);

    public X509Certificate2 Client(int notAfterDays = 365, int notBeforeDays = -1) =>
        Issue("CN=system:admin, O=system:masters", ClientAuthentication, notBeforeDays, notAfterDays);

    public X509Certificate2 Issue(
        string subject, string? usage, int notBeforeDays = -1, int notAfterDays = 365, params string[] names)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        AddExtensions(request, isCA: false);
        if (usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        }

        if (names.Length > 0)
        {
            SubjectAlternativeNameBuilder alternatives = new();
            foreach (string name in names)
            {
                if (IPAddress.TryParse(name, out IPAddress? address))
                {
                    alternatives.AddIpAddress(address);
                }
                else
                {
                    alternatives.AddDnsName(name);
                }
            }

            request.CertificateExtensions.Add(alternatives.Build());
        }

        using X509Certificate2 signed =
            Sign(request, DateTimeOffset.UtcNow.AddDays(notBeforeDays), DateTimeOffset.UtcNow.AddDays(notAfterDays));
        return signed.CopyWithPrivateKey(key);
    }

    public static byte[] PemOf(params X509Certificate2[] certificates)
    {
        StringBuilder pem = new();
        foreach (X509Certificate2 certificate in certificates)
        {
            pem.Append(certificate.ExportCertificatePem()).Append('\n');
        }

        return Encoding.ASCII.GetBytes(pem.ToString());
    }

    public static byte[] KeyPemOf(X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        return Encoding.ASCII.GetBytes(key.ExportECPrivateKeyPem());
    }

    private static void AddExtensions(CertificateRequest request, bool isCA)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCA, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        byte[] serial = BitConverter.GetBytes(System.Threading.Interlocked.Increment(ref _serial) + 1000);
        return request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), notBefore, notAfter, serial);
    }
}
