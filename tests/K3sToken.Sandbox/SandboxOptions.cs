using System.Collections.Generic;
using K3sToken.Sandboxing.Authentication;
using K3sToken.Sandboxing.Certificates;
using K3sToken.Sandboxing.Nodes;

namespace K3sToken.Sandboxing;

/// <summary>What a sandbox is like.</summary>
public sealed record SandboxOptions
{
    /// <summary>How many servers the cluster has: one to fifteen.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>What the servers are started with as <c>--token</c>; null if the first is to make one.</summary>
    public string? Token { get; init; }

    /// <summary>What the servers are started with as <c>--agent-token</c>; null for none: then agents join with the server token.</summary>
    public string? AgentToken { get; init; }

    /// <summary>The port on 127.0.0.1 of the first server, the others have those after it; 0 for any that are free.</summary>
    public int Port { get; init; }

    /// <summary>
    /// A directory in which each server has its data directory, for example <c>server-1</c>; null for a temporary one. It must be empty,
    /// and is deleted at the end.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>What its certificates are like.</summary>
    public CertificateOptions Certificates { get; init; } = new();

    /// <summary>Whether expired bootstrap tokens are deleted, as a cluster does, within a tenth of a second.</summary>
    public bool TokenCleaner { get; init; }

    /// <summary>Whether a bootstrap token that was accepted stays so for 10 seconds, whatever becomes of it, as a cluster does.</summary>
    public bool CacheBootstrapTokens { get; init; }

    /// <summary>Whether its servers speak HTTP/1.1 alone, as what stands between may make of them.</summary>
    public bool WithoutHttp2 { get; init; }

    /// <summary>Bearer tokens that are accepted besides bootstrap tokens.</summary>
    public IReadOnlyList<StaticToken> Tokens { get; init; } = [];

    /// <summary>How many nodes besides the servers there are, where <see cref="Nodes"/> does not say.</summary>
    public int Agents { get; init; }

    /// <summary>The nodes of the cluster; null for the servers and agents.</summary>
    public IReadOnlyList<SandboxNode>? Nodes { get; init; }
}
