using System.Collections.Concurrent;
using K3sToken.Kubernetes;

namespace K3sToken.PowerShell;

/// <summary>
/// The kubeconfigs that were named in this session: by parameter, by environment, or by standing at a default place. An exec plugin is a
/// program of the kubeconfig's choice, and a token file a file of its choice, which is sent to the server of its choice: the path of another
/// one, in an object that came down the pipeline, must bring about neither.
/// </summary>
internal static class NamedKubeconfigs
{
    private static readonly ConcurrentDictionary<string, bool> Paths = [];

    /// <summary>Takes note of one that was named.</summary>
    public static void Add(ClusterContext context) => Paths[context.Kubeconfig ?? ""] = true;

    /// <summary>Makes sure that a context which came down the pipeline starts no program and sends no file that nobody named.</summary>
    /// <exception cref="K3sTokenException">It would.</exception>
    public static void Require(ClusterContext context)
    {
        string? refused = context.User switch
        {
            { Exec: { } plugin } => $"The exec plugin '{plugin.Command}' of context '{context.Name}' was not run",
            { TokenFile: { } path } => $"The token file {path} of context '{context.Name}' was not sent to {context.ServerText}",
            _ => null,
        };
        if (refused is not null && !Paths.ContainsKey(context.Kubeconfig ?? ""))
        {
            throw new K3sTokenException(
                ErrorId.AuthenticationFailed,
                $"{refused}: its kubeconfig {context.Kubeconfig} came down the pipeline, and nobody named it in this session. If you trust that "
                    + "file, name it with -Kubeconfig.");
        }
    }
}
