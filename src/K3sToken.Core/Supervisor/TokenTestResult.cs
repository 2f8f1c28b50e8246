namespace K3sToken;

/// <summary>Whether a server lets a node join with a token, and how far a node would get.</summary>
public sealed record TokenTestResult
{
    /// <summary>The server that was asked.</summary>
    public required string Server { get; init; }

    /// <summary>True if it accepted the token.</summary>
    public bool Succeeded { get; init; }

    /// <summary>What the server takes the token for; where it did not accept it, what its text says.</summary>
    public TokenKind Kind { get; init; }

    /// <summary>What a node can join as; where the token was not accepted, what was asked for, or null.</summary>
    public NodeRole? Role { get; init; }

    /// <summary>True if more than the server's own word speaks for its CA: the token's hash, this machine's trust, or a CA that was
    /// named. False also where the server could not be verified.</summary>
    public bool CAVerified { get; init; }

    /// <summary>Download, Hash, Chain, HostName and Credentials, in this order.</summary>
    public required TlsBootstrapStep[] Steps { get; init; }

    /// <summary>Why it did not succeed, and what to do next; empty if it did.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Set where nothing is known about the token, because the server could not be asked or did not say.</summary>
    internal K3sTokenException? NoVerdict { get; init; }

    /// <summary>The server, and whether it accepted the token.</summary>
    public override string ToString() => $"{Server}: {(Succeeded ? "accepted" : "not accepted")}";
}
