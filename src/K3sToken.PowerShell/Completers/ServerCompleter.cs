using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;

namespace K3sToken.PowerShell.Completers;

/// <summary>The server that is meant where none is named, and those that the kubeconfig's contexts lead to.</summary>
internal class ServerCompleter : Completer
{
    private protected override IEnumerable<(string Text, string Meaning)> Offer(string parameter, string word, IDictionary bound)
    {
        IEnumerable<(string Text, string Meaning)> known = TypedCluster.Kubeconfig(bound) is { } kubeconfig
            ? kubeconfig.ContextNames.Select(name => (Text: ServerOf(kubeconfig, name), Meaning: $"The server of context {name}"))
            : [];
        return known
            .Where(server => server.Text.Length > 0)
            .Prepend((SupervisorAddress.Default, "The default: $env:K3S_URL, else the server on this machine"))
            .GroupBy(server => server.Item1)
            .Select(servers => servers.First());
    }

    private static string ServerOf(Kubeconfig kubeconfig, string context)
    {
        try
        {
            return kubeconfig.Resolve(context).Server.GetLeftPart(UriPartial.Authority);
        }
        catch (K3sTokenException)
        {
            return "";
        }
    }
}
