using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace K3sToken.PowerShell.Completers;

/// <summary>The ids of the tokens on the cluster.</summary>
internal sealed class IdCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Meaning)> Offer(string parameter, string word, IDictionary bound) =>
        TypedCluster.Tokens(bound).Select(token => (token.Id, Meaning(token)));

    private static string Meaning(BootstrapToken token)
    {
        string timeToLive = $"TTL {token.FormatTimeToLive()}";
        return token.Description.Length == 0 ? timeToLive : $"{token.Description} ({timeToLive})";
    }
}
