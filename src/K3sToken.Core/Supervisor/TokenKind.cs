namespace K3sToken;

/// <summary>What a join token is, as far as its text says it.</summary>
public enum TokenKind
{
    /// <summary>A server token: a password with the user name <c>server</c>. By default it lets agents join, too.</summary>
    Server,

    /// <summary>An agent token: a password with the user name <c>node</c>.</summary>
    Agent,

    /// <summary>A password with another user name. K3s does not look at the name.</summary>
    User,

    /// <summary>A bootstrap token, <c>id.secret</c>.</summary>
    Bootstrap,

    /// <summary>A password alone: only a server can say whether it is its server token or its agent token.</summary>
    Password,
}
