using System;
using System.Net;
using System.Net.Sockets;

namespace K3sToken.Supervisor;

/// <summary>The address of a K3s server as people write it, and the paths of its supervisor.</summary>
public static class SupervisorAddress
{
    /// <summary>Where a K3s server listens unless told otherwise.</summary>
    public const int DefaultPort = 6443;

    private const string SchemeEnd = "://";
    private const int Rke2Port = 9345;
    private const string RightForm = "Write an https URL, a host, or host:port.";

    /// <summary>What is meant where nobody names a server: <c>$K3S_URL</c>, else the server on this machine.</summary>
    public static string Default =>
        Environment.GetEnvironmentVariable("K3S_URL") is { Length: > 0 } url ? url : FormattableString.Invariant($"https://127.0.0.1:{DefaultPort}");

    /// <summary>Reads an https URL, <c>host</c> or <c>host:port</c>; a host without a port, that is no URL, means port 6443.</summary>
    /// <returns>The URL of the server; a path is left out, since requests bring their own.</returns>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.ClusterUnreachable"/>: it is no such address. The message does not repeat
    /// it: people paste tokens into the wrong place.</exception>
    public static Uri Parse(string text)
    {
        string address = text.Trim();
        int scheme = address.IndexOf(SchemeEnd, StringComparison.Ordinal);
        if (scheme >= 0 && !address.Substring(0, scheme).Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase))
        {
            throw Refused("has another scheme than https, and a token is sent over https only");
        }

        string rest = scheme >= 0 ? address.Substring(scheme + SchemeEnd.Length) : address;
        string authority = AuthorityOf(rest);
        bool hasPort = authority.IndexOf(':', authority.LastIndexOf(']') + 1) >= 0;
        string port = scheme < 0 && !hasPort ? FormattableString.Invariant($":{DefaultPort}") : "";
        return !authority.EndsWith(":", StringComparison.Ordinal)
            && Uri.TryCreate($"https://{authority}{port}/", UriKind.Absolute, out Uri? server)
            && server is { Host.Length: > 0, UserInfo.Length: 0 }
            && authority.IndexOf('@') < 0
                ? server
                : throw Refused("cannot be read");
    }

    /// <summary>The path where a server token shows itself, and where it is rotated.</summary>
    internal static string TokenPath(Uri server) => Root(server) + "token";

    /// <summary>The path where the token of an agent, or a bootstrap token, shows itself.</summary>
    internal static string ReadyPath(Uri server) => Root(server) + "readyz";

    private static string AuthorityOf(string rest)
    {
        // An IPv6 address goes without brackets only where nothing follows it.
        if (IPAddress.TryParse(rest, out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetworkV6
            && !rest.StartsWith("[", StringComparison.Ordinal))
        {
            return $"[{rest}]";
        }

        int end = rest.IndexOfAny(['/', '\\', '?', '#']);
        return end < 0 ? rest : rest.Substring(0, end);
    }

    // RKE2 is the same supervisor on a port of its own, under a path of its own.
    private static string Root(Uri server) => server.Port == Rke2Port ? "/v1-rke2/" : "/v1-k3s/";

    private static K3sTokenException Refused(string why) =>
        new(ErrorId.ClusterUnreachable, $"The address of the server {why}. {RightForm}");
}
