using System;
using System.Collections.Generic;
using System.Linq;

namespace K3sToken.Kubernetes;

/// <summary>
/// The contexts a person can choose from: those of one kubeconfig, of several merged as kubectl does, or the one of a pod. Credentials and
/// the files they are in are read when a context is resolved, so that one broken entry spoils no other.
/// </summary>
public sealed class Kubeconfig
{
    private const int NamesInMessage = 20;

    private readonly Func<string, ClusterContext> _read;

    private Kubeconfig(string? path, string? currentContext, IReadOnlyList<string> contextNames, Func<string, ClusterContext> read)
    {
        Path = path;
        CurrentContext = currentContext;
        ContextNames = contextNames;
        _read = read;
    }

    /// <summary>The absolute path, or paths joined with <see cref="System.IO.Path.PathSeparator"/>; null in a cluster.</summary>
    public string? Path { get; }

    /// <summary>The name that current-context holds, which may be of no context there is; null where there is none.</summary>
    public string? CurrentContext { get; }

    /// <summary>The names of all contexts, in the order of the files.</summary>
    public IReadOnlyList<string> ContextNames { get; }

    /// <summary>
    /// Opens what <paramref name="paths"/> names, else what <c>KUBECONFIG</c> names, else a K3s server's own kubeconfig, else the user's
    /// own, else a pod's service account.
    /// </summary>
    /// <param name="paths">A path, or several joined with <see cref="System.IO.Path.PathSeparator"/>; <c>~</c> is the home folder. Null for
    /// the default.</param>
    /// <param name="currentDirectory">What relative paths begin at.</param>
    /// <param name="places">The default places.</param>
    /// <param name="yaml">What reads the files.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.KubeconfigNotFound"/> or <see cref="ErrorId.KubeconfigInvalid"/>.</exception>
    public static Kubeconfig Open(string? paths, string currentDirectory, KubeconfigPlaces places, IYamlParser yaml)
    {
        IReadOnlyList<string> files = KubeconfigLocator.Find(paths, currentDirectory, places);
        if (files.Count > 0)
        {
            return Merge(files.Select(file => KubeconfigFile.Read(file, yaml)).ToArray());
        }

        return InCluster.IsHere(places)
            ? new Kubeconfig(null, InCluster.ContextName, [InCluster.ContextName], _ => InCluster.Read(places))
            : throw KubeconfigLocator.NothingFound(places);
    }

    /// <summary>The contexts that a text means: the one of exactly this name, else all that the wildcard matches.</summary>
    /// <param name="pattern">A name, or a wildcard.</param>
    /// <param name="isMatch">Whether the wildcard matches a name.</param>
    public IReadOnlyList<string> MatchContexts(string pattern, Func<string, bool> isMatch) =>
        ContextNames.Contains(pattern) ? [pattern] : ContextNames.Where(isMatch).ToArray();

    /// <summary>Reads a context with its cluster and its user.</summary>
    /// <param name="contextName">Its exact name; null for the current one.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ContextNotFound"/>, or <see cref="ErrorId.KubeconfigInvalid"/> for what
    /// cannot be used of the entries or the files they name.</exception>
    public ClusterContext Resolve(string? contextName)
    {
        string name = contextName ?? CurrentContext ?? throw NotFound("has no current-context");
        string origin = contextName is null ? ", which its current-context names" : "";
        return ContextNames.Contains(name) ? _read(name) : throw NotFound($"has no context '{name}'{origin}");
    }

    private static Kubeconfig Merge(IReadOnlyList<KubeconfigFile> files)
    {
        string path = string.Join(System.IO.Path.PathSeparator.ToString(), files.Select(file => file.Path));
        string? currentContext = files.Select(file => file.CurrentContext).FirstOrDefault(name => name is not null);
        Dictionary<string, KubeconfigEntry> contexts = FirstOfEachName(files.SelectMany(file => file.Contexts));
        Dictionary<string, KubeconfigEntry> clusters = FirstOfEachName(files.SelectMany(file => file.Clusters));
        Dictionary<string, KubeconfigEntry> users = FirstOfEachName(files.SelectMany(file => file.Users));
        string[] names = files.SelectMany(file => file.Contexts).Select(context => context.Name).Distinct().ToArray();
        return new Kubeconfig(path, currentContext, names, name => Read(path, contexts[name], clusters, users));
    }

    // Of entries with the same name the first file's wins as a whole.
    private static Dictionary<string, KubeconfigEntry> FirstOfEachName(IEnumerable<KubeconfigEntry> entries)
    {
        Dictionary<string, KubeconfigEntry> first = [];
        foreach (KubeconfigEntry entry in entries.Reverse())
        {
            first[entry.Name] = entry;
        }

        return first;
    }

    private static ClusterContext Read(
        string path,
        KubeconfigEntry context,
        Dictionary<string, KubeconfigEntry> clusters,
        Dictionary<string, KubeconfigEntry> users)
    {
        KubeconfigCluster cluster = new(Referred(context, "cluster", clusters));
        return new ClusterContext
        {
            Name = context.Name,
            Kubeconfig = path,
            Server = cluster.Server,
            CABundle = cluster.CABundle,
            SkipTlsVerify = cluster.SkipTlsVerify,
            TlsServerName = cluster.TlsServerName,
            Proxy = cluster.Proxy,
            User = KubeconfigUser.Read(Referred(context, "user", users), cluster),
        };
    }

    private static KubeconfigEntry Referred(KubeconfigEntry context, string key, Dictionary<string, KubeconfigEntry> entries)
    {
        string name = context.Text(key) ?? throw context.Invalid($"it names no {key}. Add '{key}'");
        return entries.TryGetValue(name, out KubeconfigEntry? entry)
            ? entry
            : throw context.Invalid($"there is no {key} '{name}' under '{key}s'", key);
    }

    private K3sTokenException NotFound(string what)
    {
        string names = string.Join(", ", ContextNames.Take(NamesInMessage));
        string more = ContextNames.Count > NamesInMessage ? $" and {ContextNames.Count - NamesInMessage} more" : "";
        string choice = ContextNames.Count == 0 ? "It has no contexts at all." : $"Name one of these with -Context: {names}{more}.";
        return new K3sTokenException(ErrorId.ContextNotFound, $"The kubeconfig {Path ?? "of this pod"} {what}. {choice}");
    }
}
