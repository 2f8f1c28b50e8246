using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Sandboxing;
using K3sToken.Yaml;

namespace K3sToken.Bench;

/// <summary>The server that is measured against: a real API server where it can be had, else the sandbox.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("k3stoken-bench-");
    private Sandbox? _sandbox;
    private int _isDisposed;

    private Cluster()
    {
    }

    /// <summary>What it is, for people.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Whether it is the sandbox, which takes JSON only.</summary>
    public bool IsSandbox => _sandbox is not null;

    /// <summary>The path of a kubeconfig that leads to it.</summary>
    public string Kubeconfig { get; private set; } = "";

    private string Live => Path.Combine(_folder.FullName, "live");

    public static async Task<Cluster> StartAsync(bool sandboxOnly)
    {
        Cluster cluster = new();
        if (sandboxOnly || !await cluster.TryStartLiveAsync())
        {
            cluster._sandbox = await Sandbox.StartAsync();
            cluster.Kubeconfig = cluster._sandbox.WriteKubeconfig(Path.Combine(cluster._folder.FullName, "k3s.yaml"));
            cluster.Description = "the sandbox";
        }

        return cluster;
    }

    /// <summary>A kubeconfig that leads to it through another port of this machine.</summary>
    public string KubeconfigThrough(Uri server, int port)
    {
        string text = File.ReadAllText(Kubeconfig);
        return Write($"through-{port}.yaml", text.Replace($"{server.Host}:{server.Port}", $"{server.Host}:{port}", StringComparison.Ordinal));
    }

    /// <summary>A kubeconfig with so many contexts, all of which lead to it.</summary>
    public string KubeconfigOfContexts(int count)
    {
        ClusterContext one = Kubernetes.Kubeconfig.Open(Kubeconfig, "/", KubeconfigPlaces.OfThisMachine, new YamlDotNetParser()).Resolve(null);
        IEnumerable<string> contexts = Enumerable.Range(1, count).Select(i => $"- {{name: cluster-{i}, context: {{cluster: one, user: one}}}}");
        return Write(
            $"contexts-{count}.yaml",
            $"""
            clusters:
            - name: one
              cluster:
                server: '{one.ServerText}'
                certificate-authority-data: {Base64(one.CABundle)}
            users:
            - name: one
              user:
                client-certificate-data: {Base64(one.User.ClientCertificate)}
                client-key-data: {Base64(one.User.ClientKey)}
            contexts:
            {string.Join('\n', contexts)}
            """);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        if (_sandbox is not null)
        {
            await _sandbox.DisposeAsync();
        }
        else
        {
            await RunAsync("stop", Live);
        }

        _folder.Delete(recursive: true);
    }

    private static string Base64(byte[]? bytes) => Convert.ToBase64String(bytes!);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);

        // A copy keeps the mode: what others can read is warned of.
        File.Copy(Kubeconfig, path);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<bool> TryStartLiveAsync()
    {
        if (OperatingSystem.IsWindows() || await RunAsync("build") != 0 || await RunAsync("start", Live) != 0)
        {
            return false;
        }

        Kubeconfig = Path.Combine(Live, "admin.kubeconfig");
        Description = "kube-apiserver and etcd, as .ci/apiserver starts them";
        return true;
    }

    private static async Task<int> RunAsync(params string[] arguments)
    {
        string program = BuildTime.Value("ApiServer");
        ProcessStartInfo start = new("bash", [program, .. arguments]);
        start.Environment["CLEANER"] = "off";
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
