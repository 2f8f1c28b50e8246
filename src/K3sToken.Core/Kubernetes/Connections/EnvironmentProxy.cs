using System;
using System.Linq;
using System.Net;

namespace K3sToken.Kubernetes;

/// <summary>
/// The proxy that HTTPS_PROXY and NO_PROXY name, read as kubectl reads them: an entry is an address, a network (CIDR), a domain that
/// counts for its subdomains too, or <c>*</c>, each but the last with a port if wanted; loopback is never proxied.
/// </summary>
internal static class EnvironmentProxy
{
    /// <summary>The proxy for this server; null to connect directly.</summary>
    public static Uri? For(Uri server) => For(server, Variable("HTTPS_PROXY"), Variable("NO_PROXY"));

    internal static Uri? For(Uri server, string? proxy, string? noProxy)
    {
        if (string.IsNullOrWhiteSpace(proxy) || server.IsLoopback || IsExcluded(server, noProxy ?? ""))
        {
            return null;
        }

        string text = proxy!.Trim();
        return Uri.TryCreate(text.Contains("://") ? text : "http://" + text, UriKind.Absolute, out Uri? address)
            && address is { Scheme: "http" or "https" or "socks5" }
            ? address
            : throw new K3sTokenException(
                ErrorId.ClusterUnreachable,
                "The environment variable HTTPS_PROXY is not the URL of a proxy (http, https or socks5). Write http://host:port, or "
                    + "clear it.");
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : Environment.GetEnvironmentVariable(name.ToLowerInvariant());

    private static bool IsExcluded(Uri server, string noProxy) =>
        noProxy.Split(',').Select(entry => entry.Trim()).Any(entry => entry.Length > 0 && IsExcludedBy(server, entry));

    private static bool IsExcludedBy(Uri server, string entry)
    {
        if (entry == "*")
        {
            return true;
        }

        string host = server.IdnHost.Trim('[', ']');
        string[] network = entry.Split('/');
        if (network.Length == 2)
        {
            return IPAddress.TryParse(host, out IPAddress? member) && IsIn(member, network[0], network[1]);
        }

        (string name, string? port) = SplitPort(entry);
        if (port is not null && port != server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture))
        {
            return false;
        }

        if (IPAddress.TryParse(name, out IPAddress? address))
        {
            return IPAddress.TryParse(host, out IPAddress? own) && own.Equals(address);
        }

        // "domain" stands for itself and what is below, ".domain" and "*.domain" only for what is below.
        string domain = name.StartsWith("*.", StringComparison.Ordinal) ? name.Substring(1) : name;
        return domain.StartsWith(".", StringComparison.Ordinal)
            ? host.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
            : host.Equals(domain, StringComparison.OrdinalIgnoreCase)
                || host.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
    }

    private static (string Name, string? Port) SplitPort(string entry)
    {
        if (entry.StartsWith("[", StringComparison.Ordinal) && entry.IndexOf(']') is > 0 and int end)
        {
            return (entry.Substring(1, end - 1), entry.Length > end + 2 ? entry.Substring(end + 2) : null);
        }

        int colon = entry.IndexOf(':');
        return colon < 0 || colon != entry.LastIndexOf(':') ? (entry, null) : (entry.Substring(0, colon), entry.Substring(colon + 1));
    }

    private static bool IsIn(IPAddress address, string network, string bits)
    {
        if (!IPAddress.TryParse(network, out IPAddress? start)
            || !byte.TryParse(bits, out byte length)
            || start.AddressFamily != address.AddressFamily)
        {
            return false;
        }

        byte[] a = address.GetAddressBytes();
        byte[] b = start.GetAddressBytes();
        return length <= a.Length * 8 && Enumerable.Range(0, length).All(i => ((a[i / 8] ^ b[i / 8]) & (0x80 >> (i % 8))) == 0);
    }
}
