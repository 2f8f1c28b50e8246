using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using K3sToken.Kubernetes;
using K3sToken.Yaml;
using Xunit;

namespace K3sToken.Tests.Fuzzing;

/// <summary>A kubeconfig in a file, read to the credentials that it names. No exec plugin is run.</summary>
internal sealed class KubeconfigTarget : IDisposable
{
    private const int MostContexts = 3;

    private static readonly string[] Words =
    [
        "&a ", "*a", "<<: *a\n", "<<", "- ", "? ", ": ", "|\n ", ">-\n ", "!!binary ", "!!null ", "! ", "%YAML 1.2\n---\n", "\n---\n",
        "\n...\n", "\t",
        "'", "\"", "\"\\0\"", "\"\\ud800\"", "\"\\U0010FFFF\"", "# ", "{", "}", "[", "]", ", ", "\n", "\n  ", "https://",
        "https://[::1]:99999", "http://",
        "server:", "user:", "name:", "tokenFile:", "client-key-data:", "certificate-authority:", "as:", "exec:", "extensions:",
        "true", "..", "/", "~",
    ];

    private readonly string _folder = Path.Combine(Path.GetTempPath(), "k3stoken-fuzz-" + Guid.NewGuid().ToString("N"));
    private readonly KubeconfigPlaces _places = new() { EnvironmentVariable = _ => null };

    public KubeconfigTarget()
    {
        Directory.CreateDirectory(_folder);
        File.WriteAllBytes(Path.Combine(_folder, "ca.crt"), Recorded.Bytes("cacerts/self-signed.cacerts.pem"));
        File.WriteAllText(Path.Combine(_folder, "token"), "a-bearer-token");
        Target = new FuzzTarget("kubeconfig", [.. KubeconfigSeeds.All.Select(Encoding.UTF8.GetBytes)], Words, Read);
    }

    public FuzzTarget Target { get; }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Read(byte[] input)
    {
        string path = Path.Combine(_folder, "config");
        File.WriteAllBytes(path, input);
        Kubeconfig kubeconfig = Kubeconfig.Open(path, _folder, _places, new YamlDotNetParser());
        foreach (string name in kubeconfig.ContextNames.Take(MostContexts))
        {
            Use(kubeconfig.Resolve(name));
        }

        _ = kubeconfig.Resolve(null);
    }

    private static void Use(ClusterContext context)
    {
        Assert.Equal(Uri.UriSchemeHttps, context.Server.Scheme);
        _ = context.ServerText + ApiErrors.Text(context.Server);
        _ = context.CABundle is { } bundle ? ServerTrust.In(bundle) : null;
        if (context.User.Exec is { } exec)
        {
            _ = ExecPluginInfo.Write(exec, context, isInteractive: false);
            return;
        }

        using ClusterLogin login = new(context);
        login.GetAsync(CancellationToken.None).GetAwaiter().GetResult().Certificate?.Dispose();
    }
}
