using System.Collections;
using System.Collections.Generic;
using K3sToken.Bootstrap;

namespace K3sToken.PowerShell.Completers;

/// <summary>The usages that Kubernetes knows.</summary>
internal sealed class UsageCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Meaning)> Offer(string parameter, string word, IDictionary bound) =>
    [
        (BootstrapTokenRules.AuthenticationUsage, "Nodes can join with it"),
        (BootstrapTokenRules.SigningUsage, "Signs kubeadm's cluster-info; does nothing on K3s"),
    ];
}
