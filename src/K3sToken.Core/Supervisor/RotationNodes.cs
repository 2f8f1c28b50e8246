using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>The nodes of the cluster that a rotation concerns.</summary>
/// <param name="Restart">Those to restart with the new token; null where they are not known.</param>
/// <param name="Warning">Why they are not known, or which servers nobody named; null for nothing.</param>
/// <param name="AllNamed">False if the cluster has servers that nobody named.</param>
internal sealed record RotationNodes(string[]? Restart, string? Warning, bool AllNamed)
{
    private const string NotAllAreNodes =
        "Not every server that was named is a node of the cluster: one that was started with --disable-agent is none. Restart it all the same.";

    /// <summary>For callers who gave no kubeconfig.</summary>
    public static RotationNodes NotAsked { get; } = Unknown(
        "Nobody knows which nodes to restart: with -Kubeconfig or -Context the cluster is asked for its nodes.");

    /// <summary>Asks the cluster, if it is the one that the server is of.</summary>
    /// <param name="api">The API that the kubeconfig leads to.</param>
    /// <param name="servers">All that were named; the first is verified.</param>
    /// <param name="agentsToo">True if agents join with the server token.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<RotationNodes> FindAsync(
        IKubernetesApi api, IReadOnlyList<RotationServer> servers, bool agentsToo, CancellationToken cancellation)
    {
        try
        {
            if (!await IsSameClusterAsync(api.Context, servers[0], cancellation).ConfigureAwait(false))
            {
                return Unknown(
                    $"Nobody knows which nodes to restart: the CA of context '{api.Context.Name}' does not verify {servers[0].Name}, so it may "
                        + "lead to another cluster.");
            }

            IReadOnlyList<NodeResource> nodes = await api.ListNodesAsync(cancellation).ConfigureAwait(false);
            RotationHost[] hosts = await Task.WhenAll(servers.Select(server => RotationHost.FindAsync(server.Address))).ConfigureAwait(false);
            return Of(nodes, hosts, agentsToo);
        }
        catch (K3sTokenException e)
        {
            return Unknown($"Nobody knows which nodes to restart: {e.Message}");
        }
    }

    /// <summary>What the list of nodes says.</summary>
    /// <param name="nodes">All nodes of the cluster.</param>
    /// <param name="hosts">The servers that were named.</param>
    /// <param name="agentsToo">True if agents join with the server token.</param>
    internal static RotationNodes Of(IReadOnlyList<NodeResource> nodes, IReadOnlyList<RotationHost> hosts, bool agentsToo)
    {
        string[] restart =
            [.. nodes.Where(node => node.IsControlPlane || agentsToo).OrderByDescending(node => node.IsControlPlane).Select(node => node.Name)];
        NodeResource[] unnamed = [.. nodes.Where(node => node.IsControlPlane && !hosts.Any(host => host.IsOf(node)))];

        // An address that no node lists, of a tunnel or an alias, is still some server's.
        RotationHost[] strange = [.. hosts.Where(host => !nodes.Any(host.IsOf))];
        int aliases = strange.Where((host, i) => !strange.Take(i).Any(host.IsSameAs)).Count();
        string names = string.Join(", ", unnamed.Select(node => node.Name));
        return unnamed.Length <= aliases
            ? new RotationNodes(restart, unnamed.Length < aliases ? NotAllAreNodes : null, true)
            : new RotationNodes(
                restart,
                aliases == 0
                    ? $"The cluster has servers that were not named with -Server: {names}. They, too, accept only the old token until their restart."
                    : $"The cluster has more servers than were named with -Server: {unnamed.Length - aliases} of {names} are missing. They, too, "
                        + "accept only the old token until their restart.",
                false);
    }

    private static async Task<bool> IsSameClusterAsync(ClusterContext context, RotationServer server, CancellationToken cancellation)
    {
        if (context.SkipTlsVerify)
        {
            return false;
        }

        return context.CABundle is not { } bundle
            ? server.TrustedByHost
            : ServerTrust.In(bundle) is { } trust
                && await server.IsVerifiedByAsync(new CAFile($"context '{context.Name}'", trust), cancellation).ConfigureAwait(false);
    }

    private static RotationNodes Unknown(string warning) => new(null, warning, true);
}
