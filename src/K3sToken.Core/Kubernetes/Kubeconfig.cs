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

    private readonly Dictionary<string, Func<ClusterContext>> _contexts;

    private Kubeconfig(string? path, string? currentContext, IEnumerable<KeyValuePair<string, Func<ClusterContext>>> contexts)
    {
        Path = path;
        CurrentContext = currentContext;
        KeyValuePair<string, Func<ClusterContext>>[] ordered = contexts.ToArray();
        ContextNames = ordered.Select(context => context.Key).ToArray();
        _contexts = ordered.ToDictionary(context => context.Key, context => context.Value);
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
            ? new Kubeconfig(null, InCluster.ContextName, [new(InCluster.ContextName, () => InCluster.Read(places))])
            : throw KubeconfigLocator.NothingFound(places);
    }

    /// <summary>The contexts that a text means: the one of exactly this name, else all that the wildcard matches.</summary>
    /// <param name="pattern">A name, or a wildcard.</param>
    /// <param name="isMatch">Whether the wildcard matches a name.</param>
    public IReadOnlyList<string> MatchContexts(string pattern, Func<string, bool> isMatch) =>
        _contexts.ContainsKey(pattern) ? [pattern] : ContextNames.Where(isMatch).ToArray();

    /// <summary>Reads a context with its cluster and its user.</summary>
    /// <param name="contextName">Its exact name; null for the current one.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ContextNotFound"/>, or <see cref="ErrorId.KubeconfigInvalid"/> for what
    /// cannot be used of the entries or the files they name.</exception>
    public ClusterContext Resolve(string? contextName)
    {
        string name = contextName ?? CurrentContext ?? throw NotFound("has no current-context");
        string origin = contextName is null ? ", which its current-context names" : "";
        return _contexts.TryGetValue(name, out Func<ClusterContext>? read) ? read() : throw NotFound($"has no context '{name}'{origin}");
    }

    // Of entries with the same name the first file's wins as a whole.
    private static Kubeconfig Merge(IReadOnlyList<KubeconfigFile> files)
    {
        string path = string.Join(System.IO.Path.PathSeparator.ToString(), files.Select(file => file.Path));
        Dictionary<string, KubeconfigEntry> clusters = FirstOfEachName(files.SelectMany(file => file.Clusters));
        Dictionary<string, KubeconfigEntry> users = FirstOfEachName(files.SelectMany(file => file.Users));
        return new Kubeconfig(
            path,
            files.Select(file => file.CurrentContext).FirstOrDefault(name => name is not null),
            FirstOfEachName(files.SelectMany(file => file.Contexts)).Select(context => new KeyValuePair<string, Func<ClusterContext>>(
                context.Key,
                () => Read(path, context.Key, context.Value, clusters, users))));
    }

    private static Dictionary<string, KubeconfigEntry> FirstOfEachName(IEnumerable<KeyValuePair<string, KubeconfigEntry>> entries)
    {
        Dictionary<string, KubeconfigEntry> first = [];
        foreach (KeyValuePair<string, KubeconfigEntry> entry in entries)
        {
            if (!first.ContainsKey(entry.Key))
            {
                first.Add(entry.Key, entry.Value);
            }
        }

        return first;
    }

    private static ClusterContext Read(
        string path,
        string name,
        KubeconfigEntry context,
        Dictionary<string, KubeconfigEntry> clusters,
        Dictionary<string, KubeconfigEntry> users)
    {
        KubeconfigCluster cluster = new(Referred(context, "cluster", clusters).Value);
        KeyValuePair<string, KubeconfigEntry> user = Referred(context, "user", users);
        return new ClusterContext
        {
            Name = name,
            Kubeconfig = path,
            Server = cluster.Server,
            CABundle = cluster.CABundle,
            SkipTlsVerify = cluster.SkipTlsVerify,
            TlsServerName = cluster.TlsServerName,
            Proxy = cluster.Proxy,
            User = KubeconfigUser.Read(user.Key, user.Value, cluster),
        };
    }

    private static KeyValuePair<string, KubeconfigEntry> Referred(
        KubeconfigEntry context,
        string key,
        Dictionary<string, KubeconfigEntry> entries)
    {
        string name = context.Text(key) ?? throw context.Invalid($"it names no {key}. Add '{key}'");
        return entries.TryGetValue(name, out KubeconfigEntry? entry)
            ? new(name, entry)
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
