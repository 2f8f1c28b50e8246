using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Bootstrap;

/// <summary>The CA hash for new tokens of a cluster.</summary>
/// <param name="Hash">64 hex digits; empty where nothing proves the CA.</param>
/// <param name="Source">Where the hash comes from.</param>
/// <param name="Warning">Where there is no hash: why, and what to do. Else null.</param>
public sealed record ClusterCAHash(string Hash, CAHashSource Source, string? Warning)
{
    /// <summary>Finds it: the bundle that the server hands out, if that also verifies it; else the kubeconfig's.</summary>
    /// <exception cref="K3sTokenException">The server cannot be reached, or the hash of its bundle cannot be computed here.</exception>
    public static async Task<ClusterCAHash> FindAsync(IKubernetesApi api, CancellationToken cancellation)
    {
        ClusterContext context = api.Context;
        if (context.SkipTlsVerify)
        {
            return Without($"context '{context.Name}' skips TLS verification, so nothing proves which CA the cluster has");
        }

        if (context.Server.AbsolutePath.Trim('/').Length > 0)
        {
            return Without($"{context.ServerText} is a proxy (its address has a path), and nodes do not join through it");
        }

        if (await api.GetServedCAAsync(cancellation).ConfigureAwait(false) is byte[] served)
        {
            return new ClusterCAHash(Compute(served, $"that {context.ServerText} hands out"), CAHashSource.Server, null);
        }

        return context.CABundle is byte[] bundle
            ? new ClusterCAHash(Compute(bundle, $"of context '{context.Name}'"), CAHashSource.Kubeconfig, null)
            : Without($"{context.ServerText} hands out no CA bundle that verifies it, and context '{context.Name}' names none");
    }

    private static string Compute(byte[] bundle, string which)
    {
        try
        {
            return CAHash.Compute(bundle);
        }
        catch (K3sTokenException e)
        {
            throw new K3sTokenException(
                e.Id,
                $"The CA bundle {which} has no hash that nodes would agree with: {e.Message}. Nothing was created. Mend the bundle, or take the "
                + "kubeconfig from the server anew.",
                e);
        }
    }

    private static ClusterCAHash Without(string reason) => new(
        "",
        CAHashSource.None,
        $"The new token is in its short form, without the cluster's CA hash: {reason}. A node that joins with it trusts the first server it meets. "
        + "For the full form, run New-K3sBootstrapToken with a kubeconfig that leads straight to a server.");
}
