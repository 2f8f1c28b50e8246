using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace K3sToken.Sandboxing.Certificates;

/// <summary>A certificate authority: a certificate with its key, and the certificates above it.</summary>
internal sealed class Authority
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // Valid from long ago, so that a test may move the server's clock.
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2060, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How long certificates are valid, as those of K3s.</summary>
    public static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>How long those are valid that have expired.</summary>
    public static readonly TimeSpan Over = TimeSpan.FromHours(-1);

    private readonly bool _rsa;

    private Authority(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> above, bool rsa)
    {
        Certificate = certificate;
        Bundle = [certificate, .. above];
        _rsa = rsa;
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>This authority's certificate, then the one above it, up to the root.</summary>
    public IReadOnlyList<X509Certificate2> Bundle { get; }

    public static Authority SelfSigned(string name, bool rsa)
    {
        using Key key = Key.Create(rsa);
        CertificateRequest request = AuthorityRequest(name, key);
        return new Authority(request.CreateSelfSigned(Start, End), [], rsa);
    }

    public Authority Subordinate(string name, bool rsa)
    {
        using Key key = Key.Create(rsa);
        CertificateRequest request = AuthorityRequest(name, key);
        request.CertificateExtensions.Add(IssuerIdentifier());
        using X509Certificate2 signed = Sign(request, End);
        return new Authority(key.Attach(signed), Bundle, rsa);
    }

    public X509Certificate2 IssueServer(IEnumerable<string> names, bool expired)
    {
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
        {
            if (System.Net.IPAddress.TryParse(name, out System.Net.IPAddress? address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        TimeSpan life = expired ? Over : Year;
        return Issue("CN=k3s, O=k3s", ServerAuthentication, X509KeyUsageFlags.KeyEncipherment, life, alternatives.Build());
    }

    public X509Certificate2 IssueClient(string subject, TimeSpan life) => Issue(subject, ClientAuthentication, 0, life);

    /// <summary>Signs somebody else's key for a client.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It is no signing request.</exception>
    public X509Certificate2 SignClient(byte[] signingRequest, string subject) => SignFor(signingRequest, subject, ClientAuthentication);

    /// <summary>Signs somebody else's key for a server.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It is no signing request.</exception>
    public X509Certificate2 SignServer(byte[] signingRequest, string name) => SignFor(signingRequest, "CN=" + name, ServerAuthentication);

    private X509Certificate2 SignFor(byte[] signingRequest, string subject, string purpose)
    {
        PublicKey key = CertificateRequest.LoadSigningRequest(
            signingRequest,
            HashAlgorithmName.SHA256,
            signerSignaturePadding: RSASignaturePadding.Pkcs1).PublicKey;
        CertificateRequest request = new(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(IssuerIdentifier());
        return Sign(request, DateTimeOffset.UtcNow + Year);
    }

    private X509Certificate2 Issue(string subject, string purpose, X509KeyUsageFlags usage, TimeSpan life, params X509Extension[] more)
    {
        using Key key = Key.Create(_rsa);
        CertificateRequest request = key.Request(subject);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | usage, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(IssuerIdentifier());
        foreach (X509Extension extension in more)
        {
            request.CertificateExtensions.Add(extension);
        }

        using X509Certificate2 signed = Sign(request, DateTimeOffset.UtcNow + life);
        return key.Attach(signed);
    }

    private static CertificateRequest AuthorityRequest(string name, Key key)
    {
        CertificateRequest request = key.Request("CN=" + name);
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(
                X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyCertSign,
                critical: true));
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private X509AuthorityKeyIdentifierExtension IssuerIdentifier() =>
        X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(
            Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single());

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset end)
    {
        using RSA? rsa = Certificate.GetRSAPrivateKey();
        using ECDsa? ec = Certificate.GetECDsaPrivateKey();
        X509SignatureGenerator generator = rsa is not null
            ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa(ec!);
        return request.Create(Certificate.SubjectName, generator, Start, end, Serial());
    }

    private static byte[] Serial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(20);
        serial[0] = (byte)((serial[0] & 0x3f) | 0x40);
        return serial;
    }

    /// <summary>A new key, of the one kind or the other.</summary>
    private sealed class Key : IDisposable
    {
        private readonly RSA? _rsa;
        private readonly ECDsa? _ec;

        private Key(RSA? rsa, ECDsa? ec) => (_rsa, _ec) = (rsa, ec);

        public static Key Create(bool rsa) =>
            rsa ? new Key(RSA.Create(2048), null) : new Key(null, ECDsa.Create(ECCurve.NamedCurves.nistP256));

        public CertificateRequest Request(string subject) =>
            _rsa is not null
                ? new CertificateRequest(subject, _rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                : new CertificateRequest(subject, _ec!, HashAlgorithmName.SHA256);

        public X509Certificate2 Attach(X509Certificate2 certificate) =>
            _rsa is not null ? certificate.CopyWithPrivateKey(_rsa) : certificate.CopyWithPrivateKey(_ec!);

        public void Dispose()
        {
            _rsa?.Dispose();
            _ec?.Dispose();
        }
    }
}
