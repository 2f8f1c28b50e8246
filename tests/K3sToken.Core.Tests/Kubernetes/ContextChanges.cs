using System;
using K3sToken.Kubernetes;

namespace K3sToken.Tests.Kubernetes;

/// <summary>Contexts that differ from another in one thing.</summary>
internal static class ContextChanges
{
    public static ClusterContext With(
        this ClusterContext context,
        Uri? server = null,
        byte[]? caBundle = null,
        bool hostTrust = false,
        bool skipTlsVerify = false,
        string? tlsServerName = null,
        Uri? proxy = null) => new()
        {
            Name = context.Name,
            Server = server ?? context.Server,
            CABundle = hostTrust ? null : caBundle ?? context.CABundle,
            SkipTlsVerify = skipTlsVerify,
            TlsServerName = tlsServerName,
            Proxy = proxy,
            User = context.User,
        };
}
