using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace K3sToken.Tests.Live;

/// <summary>
/// The throw-away cluster that the live tests change. <c>K3STOKEN_LIVE_KUBECONFIG</c> is the kubeconfig of that one cluster;
/// <c>K3STOKEN_LIVE_THROWAWAY</c> repeats its server's URL, by which a person says that the cluster may be changed;
/// <c>K3STOKEN_LIVE_CLEANER=off</c> says that expired tokens stay there.
/// </summary>
internal static class LiveCluster
{
    /// <summary>True where expired tokens go away by themselves, as on every K3s cluster.</summary>
    public static bool CleanerRuns => Environment.GetEnvironmentVariable("K3STOKEN_LIVE_CLEANER") != "off";

    /// <summary>The kubeconfig's path. Skips the test where none is given, and fails it where nobody said that the cluster is throw-away.</summary>
    public static string Kubeconfig()
    {
        string? kubeconfig = Environment.GetEnvironmentVariable("K3STOKEN_LIVE_KUBECONFIG");
        Assert.SkipWhen(string.IsNullOrEmpty(kubeconfig), "No throw-away cluster: K3STOKEN_LIVE_KUBECONFIG is not set.");
        string? refusal = Refusal(File.ReadAllText(kubeconfig!), Environment.GetEnvironmentVariable("K3STOKEN_LIVE_THROWAWAY"));
        Assert.True(refusal is null, refusal);
        return kubeconfig!;
    }

    /// <summary>Why a cluster is not to be touched; null where it may be.</summary>
    internal static string? Refusal(string kubeconfig, string? throwaway)
    {
        string[] servers = [.. Regex.Matches(kubeconfig, @"\bserver[""']?\s*:\s*[""']?([^\s""',}]+)").Select(match => match.Groups[1].Value).Distinct()];
        return servers.Length == 1 && servers[0] == throwaway
            ? null
            : $"K3STOKEN_LIVE_KUBECONFIG leads to {string.Join(" and ", servers)}, and nobody said that it may be changed. If it is a throw-away "
                + "cluster, set K3STOKEN_LIVE_THROWAWAY to the server's URL, and give a kubeconfig that knows no other cluster.";
    }
}
