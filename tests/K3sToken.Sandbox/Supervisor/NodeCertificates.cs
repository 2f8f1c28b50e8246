using System;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Http;
using K3sToken.Sandboxing.Secrets;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>Signs the keys of nodes. A node gets its certificates again only with the password of its first time.</summary>
internal sealed class NodeCertificates(SecretStore secrets)
{
    public Answer ForKubelet(HttpRequest request, ClusterCertificates cluster) =>
        ForNode(request, node => Client(request, cluster, $"CN=system:node:{node}, O=system:nodes"));

    public Answer ForServing(HttpRequest request, ClusterCertificates cluster) =>
        ForNode(request, node => Pem(request, key => cluster.Servers.SignServer(key, node), Encoding.ASCII.GetString([.. cluster.Bundle])));

    /// <summary>A certificate for what runs on every node alike.</summary>
    public static Answer ForClient(HttpRequest request, ClusterCertificates cluster, string name) =>
        Client(request, cluster, "CN=" + name);

    private static Answer Client(HttpRequest request, ClusterCertificates cluster, string subject) =>
        Pem(request, key => cluster.Clients.SignClient(key, subject), cluster.ClientAuthorityPem);

    private Answer ForNode(HttpRequest request, Func<string, Answer> sign)
    {
        string node = request.Headers["k3s-Node-Name"].ToString();
        string password = request.Headers["k3s-Node-Password"].ToString();
        if (node.Length == 0 || password.Length == 0)
        {
            return Refusals.BadRequest(request, node.Length == 0 ? "node name not set" : "node password not set");
        }

        return IsItsOwn(node, password)
            ? sign(node)
            : Refusals.Forbidden(request, $"unable to verify password for node {node}: hash does not match");
    }

    private bool IsItsOwn(string node, string password)
    {
        string name = node + ".node-password.k3s";
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{node}:{password}"));
        if (secrets.Get(name) is Secret known)
        {
            return known.Data.TryGetValue("hash", out var stored) && stored.SequenceEqual(hash);
        }

        secrets.Put(new Secret { Name = name, Namespace = SecretStore.KubeSystem, Data = Secret.NoData.Add("hash", [.. hash]) });
        return true;
    }

    /// <summary>The certificate and who signed it. Without a signing request, as older agents ask, also a key made for it.</summary>
    private static Answer Pem(HttpRequest request, Func<byte[], X509Certificate2> sign, string authority)
    {
        using ECDsa ownKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        bool isPost = HttpMethods.IsPost(request.Method);
        using MemoryStream body = new();
        request.Body.CopyTo(body);
        byte[] signingRequest = isPost
            ? body.ToArray()
            : new CertificateRequest("CN=unused", ownKey, HashAlgorithmName.SHA256).CreateSigningRequest();
        using X509Certificate2 certificate = sign(signingRequest);
        string pem = certificate.ExportCertificatePem() + "\n" + authority + (isPost ? "" : ownKey.ExportECPrivateKeyPem() + "\n");
        return new Answer(200, "text/plain; charset=utf-8", Encoding.ASCII.GetBytes(pem)) { LengthIsKnown = true };
    }
}
