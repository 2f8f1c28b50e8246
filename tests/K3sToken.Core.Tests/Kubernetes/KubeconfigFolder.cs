using System;
using System.Collections.Generic;
using System.IO;
using K3sToken.Kubernetes;
using K3sToken.Yaml;

namespace K3sToken.Tests.Kubernetes;

/// <summary>A folder for one test that stands for a machine: its home, its K3s server file, its pod's service account.</summary>
internal sealed class KubeconfigFolder : IDisposable
{
    public KubeconfigFolder()
    {
        Root = Directory.CreateTempSubdirectory("kubeconfig-").FullName;
        Places = new KubeconfigPlaces
        {
            EnvironmentVariable = name => Environment.GetValueOrDefault(name),
            Home = PathOf("home"),
            ServerFile = PathOf("k3s.yaml"),
            IsOwnedByRoot = _ => true,
            ServiceAccount = PathOf("serviceaccount"),
        };
    }

    public string Root { get; }

    public Dictionary<string, string> Environment { get; } = [];

    public KubeconfigPlaces Places { get; set; }

    public string PathOf(string name) => Path.Combine([Root, .. name.Split('/')]);

    public string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        string path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public Kubeconfig Open(string? paths = null) => Kubeconfig.Open(paths, Root, Places, new YamlDotNetParser());

    /// <summary>Writes a kubeconfig and opens it.</summary>
    public Kubeconfig OpenText(string text) => Open(Write("config", text));

    /// <summary>A kubeconfig with one context, cluster and user, whose bodies are given in YAML's flow form.</summary>
    public ClusterContext Resolve(string cluster = "{server: 'https://host:6443'}", string user = "{}") =>
        OpenText($"""
            current-context: here
            contexts:
            - name: here
              context: {"{cluster: c, user: u}"}
            clusters:
            - name: c
              cluster: {cluster}
            users:
            - name: u
              user: {user}
            """).Resolve(null);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
