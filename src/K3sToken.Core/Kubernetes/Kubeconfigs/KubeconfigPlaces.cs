using System;
using System.IO;
using System.Runtime.InteropServices;

namespace K3sToken.Kubernetes;

/// <summary>What the search for a kubeconfig looks at outside its arguments.</summary>
public sealed record KubeconfigPlaces
{
    /// <summary>The places of this process and machine.</summary>
    public static KubeconfigPlaces OfThisMachine { get; } = new()
    {
        Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
        ServerFile = RuntimeInformation.IsOSPlatform(OSPlatform.Linux) ? "/etc/rancher/k3s/k3s.yaml" : null,
    };

    /// <summary>Reads an environment variable; null where it is not set.</summary>
    public Func<string, string?> EnvironmentVariable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The home folder, where <c>~</c> and <c>.kube/config</c> are looked up; empty for none.</summary>
    public string Home { get; init; } = "";

    /// <summary>The kubeconfig that a K3s server writes; null where there are none.</summary>
    public string? ServerFile { get; init; }

    /// <summary>Whether root owns a file. Another's server file is not trusted.</summary>
    public Func<string, bool> IsOwnedByRoot { get; init; } = FileOwner.IsRoot;

    /// <summary>The folder of a pod's service account.</summary>
    public string ServiceAccount { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The user's own kubeconfig; null without a home.</summary>
    internal string? HomeFile => Home.Length == 0 ? null : Path.Combine(Home, ".kube", "config");
}
