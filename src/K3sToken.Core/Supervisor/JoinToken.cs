using System;
using System.Security;
using K3sToken.Tokens;

namespace K3sToken;

/// <summary>A join token taken apart. What is a secret is a SecureString, or a string where plain text was asked for.</summary>
public record JoinToken
{
    private const string ServerName = "server";
    private const string AgentName = "node";

    /// <summary>Reads a token. One line end after it is removed: token files have one.</summary>
    /// <param name="text">The token.</param>
    /// <param name="asPlainText">True for secrets as strings.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.InvalidTokenFormat"/>: it is none.</exception>
    internal JoinToken(ReadOnlySpan<char> text, bool asPlainText)
    {
        text = WithoutLineEnd(text);
        using JoinTokenText token = JoinTokenText.Parse(text);
        using Secret whole = new(text);
        Token = whole.ToOutput(asPlainText);
        Secret = token.Secret.ToOutput(asPlainText);
        Format = token.CAHash.Length > 0 ? TokenFormat.Secure : TokenFormat.Short;
        Kind = KindOf(token);
        CAHash = token.CAHash;
        UserName = token.UserName;
        Id = token.Id;
    }

    /// <summary>The whole token, as it was given.</summary>
    public object Token { get; }

    /// <summary>Secure with a CA hash, Short without: also where a token begins with K10 and has an empty hash.</summary>
    public TokenFormat Format { get; }

    /// <summary>What the text says that it is.</summary>
    public TokenKind Kind { get; }

    /// <summary>The hash of the cluster's CA; empty where there is none. K3s takes only lower-case hex digits for right.</summary>
    public string CAHash { get; }

    /// <summary>The user name before the password; empty for a bare password and for a bootstrap token.</summary>
    public string UserName { get; }

    /// <summary>The id of a bootstrap token; empty for any other.</summary>
    public string Id { get; }

    /// <summary>The password, or the secret half of a bootstrap token.</summary>
    public object Secret { get; }

    /// <summary>What the token is, without any secret.</summary>
    public sealed override string ToString() => Kind == TokenKind.Bootstrap ? Id : $"{Kind} token";

    /// <summary>Zeroes the SecureStrings, where this has not been handed out.</summary>
    internal void Zero()
    {
        (Token as SecureString)?.Dispose();
        (Secret as SecureString)?.Dispose();
    }

    /// <summary>What a token says that it is.</summary>
    internal static TokenKind KindOf(JoinTokenText token) => token.Kind == JoinTokenKind.Bootstrap
        ? TokenKind.Bootstrap
        : token.UserName switch
        {
            ServerName => TokenKind.Server,
            AgentName => TokenKind.Agent,
            "" => TokenKind.Password,
            _ => TokenKind.User,
        };

    /// <summary>The text without the one line end that a token file has.</summary>
    internal static ReadOnlySpan<char> WithoutLineEnd(ReadOnlySpan<char> text)
    {
        int length = text.Length;
        if (length > 0 && text[length - 1] == '\n')
        {
            length -= length > 1 && text[length - 2] == '\r' ? 2 : 1;
        }

        return text.Slice(0, length);
    }
}
