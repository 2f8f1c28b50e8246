using System;
using System.Text;

namespace K3sToken.Sandboxing.Certificates;

/// <summary>The kubeconfig of a cluster, as K3s writes it.</summary>
internal static class Kubeconfig
{
    public static string Yaml(string server, ClusterCertificates certificates, ClientLogin login) =>
        $"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {Convert.ToBase64String([.. certificates.Bundle])}
            server: {server}
          name: default
        contexts:
        - context:
            cluster: default
            user: default
          name: default
        current-context: default
        kind: Config
        users:
        - name: default
          user:
            client-certificate-data: {Base64(login.CertificatePem)}
            client-key-data: {Base64(login.KeyPem)}

        """;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
