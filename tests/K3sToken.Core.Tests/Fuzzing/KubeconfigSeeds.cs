using System;

namespace K3sToken.Tests.Fuzzing;

/// <summary>Kubeconfigs of all kinds, with certificates and keys that open nothing.</summary>
internal static class KubeconfigSeeds
{
    private static readonly string Authority = Convert.ToBase64String(Recorded.Bytes("cacerts/self-signed.cacerts.pem"));

    private static readonly string Pair = Convert.ToBase64String(Recorded.Bytes("cacerts/ca-hash/single-with-private-key.pem"));

    public static string[] All { get; } =
    [
        $"""
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: {Authority}
            server: https://127.0.0.1:6443
          name: default
        contexts:
        - context:
            cluster: default
            user: default
          name: default
        current-context: default
        kind: Config
        preferences: {"{}"}
        users:
        - name: default
          user:
            client-certificate-data: {Pair}
            client-key-data: {Pair}

        """,
        """
        kind: Config
        current-context: files
        contexts:
        - name: files
          context: {cluster: a, user: token file, namespace: kube-system}
        - name: text
          context: {cluster: b, user: 'text'}
        clusters:
        - name: a
          cluster: &base
            server: "https://host.example:6443/k8s/clusters/c-m?x=1#y"
            certificate-authority: ca.crt
            proxy-url: socks5://user:pw@proxy:1080
            tls-server-name: kubernetes
        - name: b
          cluster: {<<: *base, server: 'host:6443', "insecure-skip-tls-verify": no}
        users:
        - name: token file
          user:
            tokenFile: ./token
            as: somebody
            as-uid: 17
            as-groups: [a, b]
            as-user-extra: {reason: [x, y], other: []}
        - name: text
          user: {token: abc.def}
        """,
        """
        current-context: plugin
        contexts: [{name: plugin, context: {cluster: c, user: u}}, {name: basic, context: {cluster: c, user: v}}]
        clusters:
        - name: c
          cluster:
            server: https://[2001:db8::1]:6443
            extensions:
            - name: client.authentication.k8s.io/exec
              extension: {audience: 6, list: [true, null, 1e3, "1"], text: "a\tb\u00e9", 007: x}
        users:
        - name: u
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1beta1
              command: ../bin/plugin
              args:
              - --cluster
              - |
                two
                lines
              env: [{name: A, value: b}]
              installHint: >-
                Get it
                somewhere
              provideClusterInfo: true
        - name: v
          user: {username: admin, password: "p\"w"}
        """,
        """
        {
        	"apiVersion": "v1", "kind": "Config", "current-context": "j",
        	"contexts": [{"name": "j", "context": {"cluster": "j", "user": "j"}}],
        	"clusters": [{"name": "j", "cluster": {"server": "https://h", "insecure-skip-tls-verify": true}}],
        	"users": [{"name": "j", "user": {}}]
        }
        """,
        Small("server: host", "tokenFile: token"),
        Small("certificate-authority: ca.crt, server: https://h", "client-certificate: ca.crt, client-key: ca.crt"),
        Small("server: https://h:1/p, proxy-url: http://u:p@h:2, tls-server-name: x", "as: x, as-user-extra: {k: [v]}, token: x"),
        Small("server: https://h", "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./x, interactiveMode: Never}"),
        "%YAML 1.1\n---\n!!map\n? current-context\n: !!str x\n? contexts\n: - !!map {name: x, context: }\n...\n---\nb: [\n",
        "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\ncontexts: []\n",
    ];

    // Of a small one, a change hits something that matters.
    private static string Small(string cluster, string user) =>
        $"current-context: x\ncontexts: [{{name: x, context: {{cluster: x, user: x}}}}]\nclusters: [{{name: x, cluster: {{{cluster}}}}}]\n"
            + $"users: [{{name: x, user: {{{user}}}}}]\n";
}
