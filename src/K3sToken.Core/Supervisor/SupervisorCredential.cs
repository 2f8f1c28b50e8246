using System;
using System.Net.Http.Headers;

using K3sToken.Kubernetes;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>What a supervisor is shown: a password under one of its two user names, or a bootstrap token.</summary>
internal sealed class SupervisorCredential
{
    private readonly string _head;
    private readonly Secret _secret;

    private SupervisorCredential(TokenKind kind, string head, Secret secret)
    {
        Kind = kind;
        _head = head;
        _secret = secret;
    }

    /// <summary>Server, Agent or Bootstrap.</summary>
    public TokenKind Kind { get; }

    /// <summary>A password as servers that join show it, and as it is shown for rotation: whatever the token's user name, <c>server</c>
    /// takes its place.</summary>
    public static SupervisorCredential Server(Secret password) => new(TokenKind.Server, "server", password);

    /// <summary>A password as agents show it: as <c>node</c>.</summary>
    public static SupervisorCredential Agent(Secret password) => new(TokenKind.Agent, "node", password);

    /// <summary>A bootstrap token.</summary>
    public static SupervisorCredential Bootstrap(string id, Secret secret) => new(TokenKind.Bootstrap, id + ".", secret);

    /// <summary>The Authorization header.</summary>
    public AuthenticationHeaderValue ToHeader() => Kind == TokenKind.Bootstrap
        ? AuthorizationHeader.Bearer(_head.AsSpan(), _secret.Reveal())
        : AuthorizationHeader.Basic(_head, _secret.Reveal());
}
