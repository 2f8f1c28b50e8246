using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace K3sToken.PowerShell.Completers;

/// <summary>The contexts of the kubeconfig.</summary>
internal sealed class ContextCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Meaning)> Offer(string parameter, string word, IDictionary bound) =>
        TypedCluster.Kubeconfig(bound) is { } kubeconfig
            ? kubeconfig.ContextNames.Select(name => (name, name == kubeconfig.CurrentContext ? $"{name} (current context)" : name))
            : [];
}
