using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using K3sToken.Tokens;

namespace K3sToken.PowerShell.Completers;

/// <summary>The ids of the tokens on the cluster. What is none is not offered: nothing could be done with it, and a server could put
/// anything into a command line so.</summary>
internal sealed class IdCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Meaning)> Offer(string parameter, string word, IDictionary bound) =>
        TypedCluster.Tokens(bound).Where(token => BootstrapTokenText.IsId(token.Id.AsSpan())).Select(token => (token.Id, Meaning(token)));

    private static string Meaning(BootstrapToken token)
    {
        string timeToLive = $"TTL {token.FormatTimeToLive()}";
        return token.Description.Length == 0 ? timeToLive : $"{token.Description} ({timeToLive})";
    }
}
