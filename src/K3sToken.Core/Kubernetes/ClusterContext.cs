using System;
using System.Collections.Generic;

namespace K3sToken.Kubernetes;

/// <summary>One context of a kubeconfig, resolved: the cluster, how to trust it, and who to be there. Files are named, not read yet.</summary>
public sealed class ClusterContext
{
    /// <summary>The context's name; <c>in-cluster</c> for the service account of a pod.</summary>
    public required string Name { get; init; }

    /// <summary>The kubeconfig's absolute path, or list of paths; null in a cluster.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The API server, with the path of a proxy if there is one.</summary>
    public required Uri Server { get; init; }

    /// <summary>The API server as people write it: without a final slash.</summary>
    public string ServerText => Server.OriginalString.TrimEnd('/');

    /// <summary>The CA bundle (PEM) that the server's certificate must chain to; null for the host's own trust.</summary>
    public byte[]? CABundle { get; init; }

    /// <summary>insecure-skip-tls-verify.</summary>
    public bool SkipTlsVerify { get; init; }

    /// <summary>The name to look for in the server's certificate in place of the host's; null for the host's.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The proxy to go through; null for none beyond the environment's.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Who to be.</summary>
    public required ClusterUser User { get; init; }
}

/// <summary>The credentials of a kubeconfig's user. At most one of token, token file and exec plugin is used, in the order kubectl uses.</summary>
public sealed class ClusterUser
{
    /// <summary>The client certificate, PEM.</summary>
    public byte[]? ClientCertificate { get; init; }

    /// <summary>Its private key, PEM.</summary>
    public byte[]? ClientKey { get; init; }

    /// <summary>A bearer token.</summary>
    public Tokens.Secret? Token { get; init; }

    /// <summary>A file that holds a bearer token and may change.</summary>
    public string? TokenFile { get; init; }

    /// <summary>User name for basic authentication.</summary>
    public string? BasicUserName { get; init; }

    /// <summary>Password for basic authentication.</summary>
    public Tokens.Secret? BasicPassword { get; init; }

    /// <summary>A plugin that hands out credentials.</summary>
    public ExecPlugin? Exec { get; init; }

    /// <summary>Who to act as; null for nobody else.</summary>
    public Impersonation? ActAs { get; init; }
}

/// <summary>as, as-uid, as-groups and as-user-extra of a kubeconfig's user.</summary>
public sealed record Impersonation(
    string UserName,
    string? Uid,
    IReadOnlyList<string> Groups,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Extra);

/// <summary>When an exec plugin may talk to the person at the console.</summary>
public enum InteractiveMode
{
    /// <summary>It may where there is a console.</summary>
    IfAvailable,

    /// <summary>It never does.</summary>
    Never,

    /// <summary>It must: without a console it is not run.</summary>
    Always,
}

/// <summary>The exec section of a kubeconfig's user.</summary>
public sealed record ExecPlugin(
    string ApiVersion,
    string Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<KeyValuePair<string, string>> Environment,
    string? InstallHint,
    bool ProvideClusterInfo,
    InteractiveMode InteractiveMode);
