using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace K3sToken.Sandboxing.Certificates;

/// <summary>Who the kubeconfig of a sandbox logs in as.</summary>
public enum Identity
{
    /// <summary><c>system:admin</c> in <c>system:masters</c>: everything is allowed.</summary>
    Admin,

    /// <summary>A user with no rights of its own.</summary>
    Nobody,

    /// <summary>The admin, with a client certificate that has expired.</summary>
    Expired,
}

/// <summary>What a user logs in with.</summary>
/// <param name="CertificatePem">The client certificate, followed by the client CA, as K3s writes it.</param>
/// <param name="KeyPem">Its key: SEC1 for EC as K3s writes it, PKCS#1 for RSA.</param>
public sealed record ClientLogin(string CertificatePem, string KeyPem);

/// <summary>The certificates of one cluster, laid out as K3s does: one CA for servers, another for clients.</summary>
public sealed class ClusterCertificates
{
    private static readonly string[] ServerNames =
    [
        "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost", "server-1",
        "10.43.0.1", "127.0.0.1", "::1",
    ];

    private const string AdminSubject = "CN=system:admin, O=system:masters";

    private static readonly string[] WrongNames = ["elsewhere.example"];

    private readonly Authority _serverAuthority;
    private readonly Authority _clientAuthority;
    private readonly Dictionary<Identity, X509Certificate2> _clients;
    private readonly Lazy<SslStreamCertificateContext> _sentChain;

    private ClusterCertificates(
        CertificateOptions options,
        Authority serverAuthority,
        Authority clientAuthority,
        Dictionary<Identity, X509Certificate2> clients)
    {
        _serverAuthority = serverAuthority;
        _clientAuthority = clientAuthority;
        _clients = clients;
        Server = serverAuthority.IssueServer(
            options.WrongHostName ? WrongNames : ServerNames,
            options.ServerCertificateExpired);
        ServerChain = options.Authority == AuthorityKind.CustomWithoutRoot
            ? [.. serverAuthority.Bundle.SkipLast(1)]
            : serverAuthority.Bundle;
        _sentChain = new(() => Certificates.SentChain.Context(Server, ServerChain));
        byte[] bundle = Pem(ServerChain);
        Bundle = bundle;
        byte[] named = options.Authority == AuthorityKind.Custom ? ServerChain[^1].RawData : bundle;
        AuthorityHash = Convert.ToHexStringLower(SHA256.HashData(named));
    }

    /// <summary>The certificates that <c>/cacerts</c> serves and the kubeconfig names, as PEM, byte for byte.</summary>
    public IReadOnlyList<byte> Bundle { get; }

    internal X509Certificate2 Server { get; }

    /// <summary>What the server sends in the handshake.</summary>
    internal SslStreamCertificateContext SentChain => _sentChain.Value;

    /// <summary>What the server sends after its own certificate.</summary>
    internal IReadOnlyList<X509Certificate2> ServerChain { get; }

    /// <summary>What a token says to name the CA: the hash of the bundle, or of the root above others in it.</summary>
    public string AuthorityHash { get; }

    internal Authority Clients => _clientAuthority;

    internal Authority Servers => _serverAuthority;

    internal X509Certificate2 ClientAuthority => _clientAuthority.Certificate;

    internal string ClientAuthorityPem => Encoding.ASCII.GetString(Pem([ClientAuthority]));

    internal string ClientAuthorityKeyPem => KeyPem(ClientAuthority);

    internal string ServerAuthorityKeyPem => KeyPem(_serverAuthority.Certificate);

    /// <summary>Makes new authorities and all that they sign.</summary>
    public static ClusterCertificates Create(CertificateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        Authority server = ServerAuthority(options, now);
        Authority client = Authority.SelfSigned(string.Create(CultureInfo.InvariantCulture, $"k3s-client-ca@{now}"), options.RsaOnly);
        Dictionary<Identity, X509Certificate2> clients = new()
        {
            [Identity.Admin] = client.IssueClient(AdminSubject, Authority.Year),
            [Identity.Nobody] = client.IssueClient("CN=nobody", Authority.Year),
            [Identity.Expired] = client.IssueClient(AdminSubject, Authority.Over),
        };
        return new ClusterCertificates(options, server, client, clients);
    }

    /// <summary>The same authorities and clients with a new server certificate. The kind of authority and of keys stays.</summary>
    public ClusterCertificates Reissue(CertificateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ClusterCertificates(options, _serverAuthority, _clientAuthority, _clients);
    }

    /// <summary>What an identity logs in with.</summary>
    public ClientLogin LoginOf(Identity identity) => LoginWith(_clients[identity]);

    /// <summary>What the admin logs in with for so long.</summary>
    public ClientLogin IssueAdmin(TimeSpan life)
    {
        using X509Certificate2 certificate = _clientAuthority.IssueClient(AdminSubject, life);
        return LoginWith(certificate);
    }

    private ClientLogin LoginWith(X509Certificate2 certificate) =>
        new(Encoding.ASCII.GetString(Pem([certificate, _clientAuthority.Certificate])), KeyPem(certificate));

    private static string KeyPem(X509Certificate2 certificate)
    {
        using ECDsa? ec = certificate.GetECDsaPrivateKey();
        if (ec is not null)
        {
            return ec.ExportECPrivateKeyPem() + "\n";
        }

        using RSA? rsa = certificate.GetRSAPrivateKey();
        return rsa!.ExportRSAPrivateKeyPem() + "\n";
    }

    private static Authority ServerAuthority(CertificateOptions options, long now) =>
        options.Authority == AuthorityKind.SelfSigned
            ? Authority.SelfSigned(string.Create(CultureInfo.InvariantCulture, $"k3s-server-ca@{now}"), options.RsaOnly)
            : Authority.SelfSigned("custom-root-ca", rsa: true)
                .Subordinate("custom-intermediate-ca", rsa: true)
                .Subordinate("custom-server-ca", options.RsaOnly);

    private static byte[] Pem(IEnumerable<X509Certificate2> certificates) =>
        Encoding.ASCII.GetBytes(string.Concat(certificates.Select(certificate => certificate.ExportCertificatePem() + "\n")));
}
