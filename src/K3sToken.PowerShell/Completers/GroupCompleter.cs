using System.Collections;
using System.Collections.Generic;
using System.Linq;
using K3sToken.Bootstrap;

namespace K3sToken.PowerShell.Completers;

/// <summary>The group that K3s gives its tokens, and those that tokens on the cluster have.</summary>
internal sealed class GroupCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Meaning)> Offer(string parameter, string word, IDictionary bound)
    {
        IEnumerable<string> used = TypedCluster.Tokens(bound).SelectMany(token => token.Groups).Where(BootstrapTokenRules.IsGroup);
        return BootstrapTokenRules.DefaultGroups.Concat(used).Distinct().Select(group =>
            (group, BootstrapTokenRules.DefaultGroups.Contains(group) ? $"{group} (the default)" : $"{group} (in use on the cluster)"));
    }
}
