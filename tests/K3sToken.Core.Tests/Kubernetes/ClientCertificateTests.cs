using System;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class ClientCertificateTests
{
    private const string NoBase64 = "-----BEGIN CERTIFICATE-----\n%\n-----END CERTIFICATE-----";
    private const string Owner = "user 'admin' of /some/kubeconfig";

    private static readonly DateTimeOffset Expires = new(2040, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly X509Certificate2 Ca = Certificate("client-ca", ECDsa.Create(ECCurve.NamedCurves.nistP256));

    private static X509Certificate2 Certificate(string name, AsymmetricAlgorithm key)
    {
        CertificateRequest request = key is RSA rsa
            ? new($"CN={name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new($"CN={name}", (ECDsa)key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(Expires.AddYears(-20), Expires);
    }

    private static AsymmetricAlgorithm Key(string kind) => kind switch
    {
        "RSA" => RSA.Create(2048),
        "P-256" => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        "P-384" => ECDsa.Create(ECCurve.NamedCurves.nistP384),
        _ => ECDsa.Create(ECCurve.NamedCurves.nistP521),
    };

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Pem(string label, byte[] der) => Bytes(new string(PemEncoding.Write(label, der)) + "\n");

    private static byte[] Pem(X509Certificate2 certificate) => Bytes(certificate.ExportCertificatePem() + "\n");

    private static void WorksWith(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        byte[] data = [1, 2, 3];
        bool isValid = key is RSA
            ? certificate.GetRSAPublicKey()!.VerifyData(
                data,
                certificate.GetRSAPrivateKey()!.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1)
            : certificate.GetECDsaPublicKey()!.VerifyData(
                data,
                certificate.GetECDsaPrivateKey()!.SignData(data, HashAlgorithmName.SHA256),
                HashAlgorithmName.SHA256);
        Assert.True(isValid);
    }

    private static string Refused(byte[] certificate, byte[] key)
    {
        K3sTokenException error = Assert.Throws<K3sTokenException>(() => ClientCertificate.Load(certificate, key, Owner));
        Assert.Equal(ErrorId.KubeconfigInvalid, error.Id);
        Assert.Contains(Owner, error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    [Theory]
    [InlineData("RSA", "PRIVATE KEY")]
    [InlineData("RSA", "RSA PRIVATE KEY")]
    [InlineData("P-256", "PRIVATE KEY")]
    [InlineData("P-256", "EC PRIVATE KEY")]
    [InlineData("P-384", "EC PRIVATE KEY")]
    [InlineData("P-521", "EC PRIVATE KEY")]
    [InlineData("P-521", "PRIVATE KEY")]
    public void A_pair_in_any_usual_form_can_sign(string kind, string label)
    {
        using AsymmetricAlgorithm key = Key(kind);
        using X509Certificate2 certificate = Certificate("me", key);
        byte[] der = label switch
        {
            "RSA PRIVATE KEY" => ((RSA)key).ExportRSAPrivateKey(),
            "EC PRIVATE KEY" => ((ECDsa)key).ExportECPrivateKey(),
            _ => key.ExportPkcs8PrivateKey(),
        };

        using ClientCertificate loaded = ClientCertificate.Load(Pem(certificate), Pem(label, der), Owner);

        Assert.Equal(certificate.Thumbprint, loaded.Certificate.Thumbprint);
        Assert.Equal(Expires.UtcDateTime, loaded.Expires);
        Assert.Empty(loaded.Intermediates);
        WorksWith(loaded.Certificate, key);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_certificate_of_the_key_is_found_and_the_others_are_sent_along(bool isLast)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Certificate("me", key);
        byte[] pem = isLast ? [.. Pem(Ca), .. Pem(certificate)] : [.. Pem(certificate), .. Pem(Ca)];

        using ClientCertificate loaded = ClientCertificate.Load(pem, Bytes(key.ExportECPrivateKeyPem()), Owner);

        Assert.Equal("CN=me", loaded.Certificate.Subject);
        Assert.Equal("CN=client-ca", Assert.Single(loaded.Intermediates).Subject);
        WorksWith(loaded.Certificate, key);
    }

    [Fact]
    public void Text_around_the_blocks_and_Windows_line_ends_do_no_harm()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Certificate("me", key);
        string parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
        string certificateText = $"subject=CN=me\n{certificate.ExportCertificatePem()}\ntrailing".ReplaceLineEndings("\r\n");
        string keyText = ("comment\n" + parameters + key.ExportECPrivateKeyPem() + "\n").ReplaceLineEndings("\r\n");

        using ClientCertificate loaded = ClientCertificate.Load(Bytes(certificateText), Bytes(keyText), Owner);
        WorksWith(loaded.Certificate, key);
    }

    [Fact]
    public void One_text_may_hold_certificate_and_key()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Certificate("me", key);
        byte[] both = [.. Pem(certificate), .. Bytes(key.ExportECPrivateKeyPem())];
        using ClientCertificate loaded = ClientCertificate.Load(both, both, Owner);
        WorksWith(loaded.Certificate, key);
    }

    [Theory]
    [InlineData("RSA", "RSA")]
    [InlineData("P-256", "P-256")]
    [InlineData("P-256", "P-384")]
    [InlineData("RSA", "P-256")]
    [InlineData("P-256", "RSA")]
    public void A_key_of_another_certificate_is_refused(string certificateKind, string keyKind)
    {
        using AsymmetricAlgorithm key = Key(certificateKind);
        using AsymmetricAlgorithm other = Key(keyKind);
        using X509Certificate2 certificate = Certificate("me", key);
        string message = Refused(Pem(certificate), Pem("PRIVATE KEY", other.ExportPkcs8PrivateKey()));
        Assert.Contains("does not belong", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encrypted_key_is_refused_with_the_way_to_decrypt_it()
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = Certificate("me", key);
        PbeParameters encryption = new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1);
        byte[] modern = Bytes(key.ExportEncryptedPkcs8PrivateKeyPem("password", encryption));
        byte[] old = Bytes(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        Assert.All([modern, old], pem => Assert.Contains("openssl pkey", Refused(Pem(certificate), pem), StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_no_certificate_or_no_key_is_refused()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Certificate("me", key);
        byte[] good = Pem(certificate);
        byte[] goodKey = Bytes(key.ExportECPrivateKeyPem());
        // Ed25519, as openssl genpkey writes it.
        byte[] ed25519 = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20, .. new byte[32]];

        Assert.Contains("not a certificate", Refused([], goodKey), StringComparison.Ordinal);
        Assert.Contains("not a certificate", Refused(certificate.RawData, goodKey), StringComparison.Ordinal);
        Assert.Contains("certificate is damaged", Refused(Pem("CERTIFICATE", [1, 2, 3]), goodKey), StringComparison.Ordinal);
        Assert.Contains("certificate is damaged", Refused(Bytes(NoBase64), goodKey), StringComparison.Ordinal);
        Assert.Contains("not a private key", Refused(good, good), StringComparison.Ordinal);
        Assert.Contains("not a private key", Refused(good, Bytes("-----BEGIN EC PRIVATE KEY-----\nAAAA\n")), StringComparison.Ordinal);
        Assert.Contains("key is damaged", Refused(good, Pem("EC PRIVATE KEY", [1, 2, 3])), StringComparison.Ordinal);
        Assert.Contains("key is damaged", Refused(good, Pem("PRIVATE KEY", [1, 2, 3])), StringComparison.Ordinal);
        Assert.Contains("key is damaged", Refused(good, Pem("RSA PRIVATE KEY", [1, 2, 3])), StringComparison.Ordinal);
        Assert.Contains("RSA and EC", Refused(good, Pem("PRIVATE KEY", ed25519)), StringComparison.Ordinal);
        Assert.Contains("RSA and EC", Refused(good, Pem("DSA PRIVATE KEY", [1])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_on_a_curve_that_nobody_knows_is_refused()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Certificate("me", key);
        byte[] curve = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
        byte[] der = key.ExportPkcs8PrivateKey();
        der[der.AsSpan().IndexOf(curve) + curve.Length - 1] = 99;

        Assert.Contains("curve", Refused(Pem(certificate), Pem("PRIVATE KEY", der)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_that_nothing_ends_hides_none_after_it()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Certificate("me", key);
        byte[] broken = Bytes("-----BEGIN CERTIFICATE-----\nAAAA\n-----BEGIN X-----\nAAAA\n-----END Y-----\n");

        using ClientCertificate loaded = ClientCertificate.Load([.. broken, .. Pem(certificate)], Bytes(key.ExportECPrivateKeyPem()), "me");

        Assert.Equal(certificate.RawData, loaded.Certificate.RawData);
    }

    [Fact]
    public void The_caller_keeps_the_key_it_gave()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Certificate("me", key);
        byte[] pem = Bytes(key.ExportECPrivateKeyPem());
        byte[] before = pem.ToArray();
        ClientCertificate.Load(Pem(certificate), pem, Owner).Dispose();
        Assert.Equal(before, pem);
    }
}
