using System;

namespace K3sToken.Kubernetes;

/// <summary>A cluster of a kubeconfig: where the server is, and how to trust it.</summary>
internal sealed class KubeconfigCluster
{
    public KubeconfigCluster(KubeconfigEntry entry)
    {
        Server = ServerOf(entry);
        SkipTlsVerify = entry.Flag("insecure-skip-tls-verify");
        CABundle = entry.DataOrFile("certificate-authority");
        TlsServerName = TlsServerNameOf(entry);
        Proxy = ProxyOf(entry);
        PluginConfig = PluginConfigOf(entry);
        if (CABundle is not null && SkipTlsVerify)
        {
            throw entry.Invalid(
                "it has a certificate-authority and insecure-skip-tls-verify, which contradict each other. Remove insecure-skip-tls-verify",
                "insecure-skip-tls-verify");
        }

        if (CABundle is not null && !PemCertificates.HasAny(CABundle))
        {
            throw entry.Invalid("the certificate-authority holds no certificate in PEM form", "certificate-authority");
        }
    }

    public Uri Server { get; }

    public bool SkipTlsVerify { get; }

    public byte[]? CABundle { get; }

    public string? TlsServerName { get; }

    public Uri? Proxy { get; }

    /// <summary>What the cluster tells exec plugins, as JSON.</summary>
    public string? PluginConfig { get; }

    private static Uri ServerOf(KubeconfigEntry entry)
    {
        string text = entry.Text("server") ?? throw entry.Invalid("it has no server. Add the API server's URL, such as https://host:6443");
        // kubectl takes host:port as well.
        string url = text.Contains("://") ? text : "https://" + text;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? server) || server.Host.Length == 0)
        {
            throw entry.Invalid("the server is not a URL such as https://host:6443", "server");
        }

        if (server.Scheme != Uri.UriSchemeHttps)
        {
            throw entry.Invalid(
                "the server's URL does not begin with https. Without TLS the credentials would cross the network in clear",
                "server");
        }

        if (server.UserInfo.Length > 0)
        {
            throw entry.Invalid("the server's URL holds a user name or password. Put credentials under 'users'", "server");
        }

        return new UriBuilder(server) { Query = "", Fragment = "" }.Uri;
    }

    private static string? TlsServerNameOf(KubeconfigEntry entry)
    {
        string? name = entry.Text("tls-server-name");
        return name is null || Uri.CheckHostName(name) != UriHostNameType.Unknown
            ? name
            : throw entry.Invalid("the tls-server-name is not the name of a host", "tls-server-name");
    }

    private static Uri? ProxyOf(KubeconfigEntry entry)
    {
        if (entry.Text("proxy-url") is not { } text)
        {
            return null;
        }

        bool isUrl = Uri.TryCreate(text, UriKind.Absolute, out Uri? proxy) && proxy.Host.Length > 0;
        return isUrl && proxy!.Scheme is "http" or "https" or "socks5"
            ? proxy
            : throw entry.Invalid("the proxy-url is not a URL that begins with http://, https:// or socks5://", "proxy-url");
    }

    private static string? PluginConfigOf(KubeconfigEntry entry)
    {
        foreach (KubeconfigEntry extension in entry.Items("extensions"))
        {
            if (extension.Text("name") == "client.authentication.k8s.io/exec" && extension.Value("extension") is { } config)
            {
                return YamlJson.Of(config);
            }
        }

        return null;
    }
}
