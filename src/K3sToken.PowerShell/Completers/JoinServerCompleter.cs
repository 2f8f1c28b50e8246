using System.Collections;
using System.Collections.Generic;
using System.Linq;
using K3sToken.Supervisor;

namespace K3sToken.PowerShell.Completers;

/// <summary>The servers that another machine can join.</summary>
internal sealed class JoinServerCompleter : ServerCompleter
{
    private protected override IEnumerable<(string Text, string Meaning)> Offer(string parameter, string word, IDictionary bound) =>
        base.Offer(parameter, word, bound).Where(offer => IsForNodes(offer.Text));

    private static bool IsForNodes(string server)
    {
        try
        {
            JoinCommand.AddressForNodes(server);
            return true;
        }
        catch (K3sTokenException)
        {
            return false;
        }
    }
}
