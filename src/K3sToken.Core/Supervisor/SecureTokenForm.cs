using System;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>Makes the secure form of a join token, <c>K10&lt;CA hash&gt;::…</c>.</summary>
internal static class SecureTokenForm
{
    private const string DefaultUserName = "server";

    /// <summary>The token with this hash.</summary>
    /// <param name="token">Any form of it.</param>
    /// <param name="caHash">The hash of the cluster's CA.</param>
    /// <param name="userName">The user name before the password; null for the token's own, or <c>server</c> where it has none.</param>
    /// <param name="source">Where the hash comes from, for a message.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.CAHashMismatch"/>: the token has another hash already.
    /// <see cref="ErrorId.InvalidTokenFormat"/>: a token of this kind has no such user name.</exception>
    public static Secret Of(JoinTokenText token, string caHash, string? userName, string source)
    {
        if (token.CAHash.Length > 0 && !string.Equals(token.CAHash, caHash, StringComparison.Ordinal))
        {
            throw new K3sTokenException(
                ErrorId.CAHashMismatch,
                $"The token names another CA than that of {source}, whose hash is {caHash}. Check which cluster it belongs to.");
        }

        return token.Kind == JoinTokenKind.Bootstrap
            ? OfBootstrap(token, caHash, userName)
            : OfPassword(token, caHash, userName ?? (token.UserName.Length > 0 ? token.UserName : DefaultUserName));
    }

    private static Secret OfBootstrap(JoinTokenText token, string caHash, string? userName) => userName is null
        ? JoinTokenText.ForBootstrap(caHash, token.Id, token.Secret).Format()
        : throw new K3sTokenException(
            ErrorId.InvalidTokenFormat, $"The bootstrap token '{token.Id}' has no user name. Leave -UserName out.");

    private static Secret OfPassword(JoinTokenText token, string caHash, string userName) => userName.IndexOf(':') < 0
        ? JoinTokenText.ForPassword(caHash, userName, token.Secret).Format()
        : throw new K3sTokenException(
            ErrorId.InvalidTokenFormat, "A user name in a token has no colon: the password begins after it. K3s' own are server and node.");
}
