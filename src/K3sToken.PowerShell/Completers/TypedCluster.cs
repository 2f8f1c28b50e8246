using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;

namespace K3sToken.PowerShell.Completers;

/// <summary>What a command line that is still being typed leads to. Whoever asks waits for one second at most.</summary>
internal static class TypedCluster
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The kubeconfig that is named, or the default one; null where there is none.</summary>
    public static Kubeconfig? Kubeconfig(IDictionary bound)
    {
        Func<Kubeconfig> open = Opener(bound);
        return InTime(() => Task.FromResult<Kubeconfig?>(open()));
    }

    /// <summary>The bootstrap tokens of the contexts that are named, or of the current one, as far as they came in time.</summary>
    public static IReadOnlyList<BootstrapToken> Tokens(IDictionary bound)
    {
        Func<Kubeconfig> open = Opener(bound);
        string? context = (bound["Context"] is IList { Count: > 0 } names ? names[0] : bound["Context"])?.ToString();
        using CancellationTokenSource end = new(Patience);
        List<BootstrapToken> tokens = [];
        _ = InTime(async () =>
        {
            ClusterContext cluster = open().Resolve(context);
            // A plugin may ask for a password, and must not run because somebody pressed a key.
            if (cluster.User.Exec is null)
            {
                await ListAsync(cluster, tokens, end.Token).ConfigureAwait(false);
            }

            return tokens;
        });
        lock (tokens)
        {
            return tokens.ToArray();
        }
    }

    // What is asked of the runspace is asked here, on its own thread; the files are read by whoever has the time.
    private static Func<Kubeconfig> Opener(IDictionary bound)
    {
        string here = CurrentFolder();
        string? path = bound["Kubeconfig"]?.ToString();
        return () => Kubernetes.Kubeconfig.Open(path, here, KubeconfigPlaces.OfThisMachine, ModuleAssembly.Yaml);
    }

    private static async Task ListAsync(ClusterContext cluster, List<BootstrapToken> tokens, CancellationToken cancellation)
    {
        BootstrapTokenStore store = new(ClusterConnections.Session.Open(cluster, new Silence(), Patience));
        using BootstrapTokenListing listing = store.List(cancellation);
        while (await listing.NextPageAsync().ConfigureAwait(false) is { } page)
        {
            lock (tokens)
            {
                tokens.AddRange(page.Select(store.Read));
            }
        }
    }

    private static T? InTime<T>(Func<Task<T?>> work)
        where T : class
    {
        Task<T?> task = Task.Run(work);
        return Task.WaitAny([task], Patience) == 0 && task.Status == TaskStatus.RanToCompletion ? task.Result : null;
    }

    private static string CurrentFolder()
    {
        using System.Management.Automation.PowerShell shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddCommand("Get-Location").AddParameter("PSProvider", "FileSystem").Invoke<PathInfo>()[0].ProviderPath;
    }

    private sealed class Silence : INotices
    {
        public void Warn(string message)
        {
        }

        public void Verbose(string message)
        {
        }
    }
}
