using System;
using System.Collections.Generic;

namespace K3sToken.Kubernetes;

/// <summary>One context of a kubeconfig, resolved: the cluster, how to trust it, and who to be there. The files it names
/// are read, but for a token file, which may change.</summary>
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

    /// <summary>The proxy that requests go through: the kubeconfig's, else the environment's; null for none.</summary>
    internal Uri? ProxyInUse => Proxy ?? EnvironmentProxy.For(Server);

    /// <summary>Who to be.</summary>
    public required ClusterUser User { get; init; }
}

/// <summary>
/// The credentials of a kubeconfig's user. At most one of token, token file, user name and exec plugin is set: the one kubectl would use.
/// </summary>
public sealed class ClusterUser : IDisposable
{
    /// <summary>The user's name in the kubeconfig; empty in a cluster.</summary>
    public string Name { get; init; } = "";

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

    /// <summary>What to tell a person of the files that these are from: which of them others can open.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Who to act as; null for nobody else.</summary>
    public Impersonation? ActAs { get; init; }

    /// <summary>Zeroes the private key, the token and the password.</summary>
    public void Dispose()
    {
        Array.Clear(ClientKey ?? [], 0, ClientKey?.Length ?? 0);
        Token?.Dispose();
        BasicPassword?.Dispose();
    }
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
/// <param name="ApiVersion"><c>client.authentication.k8s.io/v1</c> or <c>v1beta1</c>.</param>
/// <param name="Command">An absolute path, or a name to look up on PATH.</param>
/// <param name="Arguments">The command's arguments.</param>
/// <param name="Environment">What is added to the environment.</param>
/// <param name="InstallHint">What to tell a person who does not have the command.</param>
/// <param name="ProvideClusterInfo">Whether the plugin is told the cluster it is asked for.</param>
/// <param name="ClusterConfig">The cluster's own setting for plugins (its extension <c>client.authentication.k8s.io/exec</c>), JSON;
/// null where it has none.</param>
/// <param name="InteractiveMode">When the plugin may talk to the person.</param>
public sealed record ExecPlugin(
    string ApiVersion,
    string Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<KeyValuePair<string, string>> Environment,
    string? InstallHint,
    bool ProvideClusterInfo,
    string? ClusterConfig,
    InteractiveMode InteractiveMode);
