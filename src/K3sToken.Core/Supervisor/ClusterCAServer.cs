using System;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>Gets a cluster's CA from one of its servers.</summary>
internal static class ClusterCAServer
{
    /// <summary>Asks, and makes sure that the CA is also the one that vouches for the server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="access">How to reach it.</param>
    /// <param name="caHash">The hash that the CA must have; empty for any.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="K3sTokenException">The server cannot be reached or verified, or serves no CA.</exception>
    public static async Task<ClusterCA> AskAsync(Uri server, SupervisorAccess access, string caHash, CancellationToken cancellation)
    {
        using VerifiedSupervisor supervisor = await TlsBootstrap.RunAsync(server, access, caHash, cancellation).ConfigureAwait(false);
        string address = ApiErrors.Text(server);
        return supervisor.Failure is { } failure
            ? throw failure
            : ClusterCA.Of(supervisor.CABundle, $"What {address} serves as its CA") with
            {
                Server = address,
                TrustedByHost = supervisor.TrustedByHost,
            };
    }
}
