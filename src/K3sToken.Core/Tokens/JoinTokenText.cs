using System;
using System.Security.Cryptography;
using System.Text;

namespace K3sToken.Tokens;

/// <summary>What a join token proves its holder with.</summary>
public enum JoinTokenKind
{
    /// <summary>A user name, which may be empty, and a password.</summary>
    Password,

    /// <summary>The id and secret of a bootstrap token.</summary>
    Bootstrap,
}

/// <summary>A text that nodes join a cluster with, read as K3s reads it: <c>K10hash::user:password</c>, <c>K10hash::id.secret</c>,
/// <c>id.secret</c> or a bare password.</summary>
public sealed class JoinTokenText : IDisposable
{
    internal const string EmptyToken = "token must not be empty";
    internal const string WrongHashLength = "invalid token CA hash length";
    internal const string WrongFormat = "invalid token format";
    internal const string NotNormalizable =
        "failed to normalize server token; must be in format K10<CA-HASH>::<USERNAME>:<PASSWORD> or <PASSWORD>";

    private const string Prefix = "K10";
    private const string HashEnd = "::";
    private const int HashLength = 64;
    private const int KeyHashLength = 12;

    private JoinTokenText(JoinTokenKind kind, string caHash, string userName, string id, Secret secret)
    {
        Kind = kind;
        CAHash = caHash;
        UserName = userName;
        Id = id;
        Secret = secret;
    }

    /// <summary>Which of the two kinds of credentials the token holds.</summary>
    public JoinTokenKind Kind { get; }

    /// <summary>The hash of the cluster's CA as the token has it, or an empty text. It may be anything of 64 bytes of UTF-8.</summary>
    public string CAHash { get; }

    /// <summary>The user name before the password; empty for a bare password and for a bootstrap token.</summary>
    public string UserName { get; }

    /// <summary>The id of the bootstrap token; empty for a password.</summary>
    public string Id { get; }

    /// <summary>The password, or the secret of the bootstrap token.</summary>
    public Secret Secret { get; }

    /// <summary>Reads a token; nothing is trimmed.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.InvalidTokenFormat"/>; the message begins with K3s' own words.</exception>
    public static JoinTokenText Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out string? problem) ?? throw new K3sTokenException(ErrorId.InvalidTokenFormat, problem switch
        {
            WrongHashLength => $"{WrongHashLength}: between K10 and :: there must be 64 characters or none. Copy the token once more.",
            WrongFormat => $"{WrongFormat}: after K10<hash>:: there must be user:password or id.secret. Copy the token once more.",
            _ => $"{EmptyToken}.",
        });

    /// <summary>The password that a server makes of its configured token.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.InvalidTokenFormat"/>: a server refuses this text.</exception>
    public static Secret NormalizeServerToken(ReadOnlySpan<char> text)
    {
        JoinTokenText? token = TryParse(text, out _);
        if (token is { Kind: JoinTokenKind.Password })
        {
            return token.Secret;
        }

        token?.Dispose();
        throw new K3sTokenException(ErrorId.InvalidTokenFormat, NotNormalizable);
    }

    /// <summary>A bootstrap token of a cluster whose CA has this hash; an empty hash where it is not known.</summary>
    public static JoinTokenText ForBootstrap(string caHash, string id, Secret secret) =>
        new(JoinTokenKind.Bootstrap, caHash, userName: string.Empty, id, secret);

    /// <summary>A user's password of a cluster whose CA has this hash; an empty hash where it is not known.</summary>
    /// <exception cref="ArgumentException">The user name has a colon, where the password would begin.</exception>
    public static JoinTokenText ForPassword(string caHash, string userName, Secret password) =>
        userName.AsSpan().IndexOf(':') >= 0
            ? throw new ArgumentException("A user name in a token has no colon.", nameof(userName))
            : new(JoinTokenKind.Password, caHash, userName, id: string.Empty, password);

    /// <summary>The first twelve hex digits of the SHA-256 of a server token's password, by which the datastore and the snapshots name
    /// it.</summary>
    public static string KeyHash(Secret password)
    {
        char[] text = password.Reveal().ToArray();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        using SHA256 sha256 = SHA256.Create();
        string hash = Hex.Lower(sha256.ComputeHash(bytes));
        Array.Clear(text, 0, text.Length);
        Array.Clear(bytes, 0, bytes.Length);
        return hash.Substring(0, KeyHashLength);
    }

    /// <summary>The token in its long form, <c>K10hash::…</c>.</summary>
    public Secret Format()
    {
        string name = Kind == JoinTokenKind.Bootstrap ? $"{Id}." : $"{UserName}:";
        string head = Prefix + CAHash + HashEnd + name;
        ReadOnlySpan<char> secret = Secret.Reveal();
        char[] text = new char[head.Length + secret.Length];
        head.AsSpan().CopyTo(text);
        secret.CopyTo(text.AsSpan(head.Length));
        Secret formatted = new(text);
        Array.Clear(text, 0, text.Length);
        return formatted;
    }

    /// <summary>Zeroes the secret.</summary>
    public void Dispose() => Secret.Dispose();

    internal static JoinTokenText? TryParse(ReadOnlySpan<char> text, out string? problem)
    {
        if (text.IsEmpty)
        {
            problem = EmptyToken;
            return null;
        }

        if (text.StartsWith(Prefix.AsSpan(), StringComparison.Ordinal))
        {
            return TryParseLong(text.Slice(Prefix.Length), out problem);
        }

        problem = null;
        return TryParseBootstrap(caHash: string.Empty, text) ?? ForPassword(caHash: string.Empty, userName: string.Empty, new Secret(text));
    }

    private static JoinTokenText? TryParseLong(ReadOnlySpan<char> text, out string? problem)
    {
        string caHash = string.Empty;
        int hashEnd = text.IndexOf(HashEnd.AsSpan(), StringComparison.Ordinal);
        if (hashEnd >= 0)
        {
            caHash = text.Slice(0, hashEnd).ToString();
            text = text.Slice(hashEnd + HashEnd.Length);
        }

        // K3s counts bytes, not characters, and takes whatever has the right number of them.
        if (caHash.Length > 0 && Encoding.UTF8.GetByteCount(caHash) != HashLength)
        {
            problem = WrongHashLength;
            return null;
        }

        JoinTokenText? token = TryParseBootstrap(caHash, text) ?? TryParsePassword(caHash, text);
        problem = token is null ? WrongFormat : null;
        return token;
    }

    private static JoinTokenText? TryParseBootstrap(string caHash, ReadOnlySpan<char> credentials) =>
        BootstrapTokenText.TryParse(credentials, out string? id, out Secret? secret) ? ForBootstrap(caHash, id, secret) : null;

    private static JoinTokenText? TryParsePassword(string caHash, ReadOnlySpan<char> credentials)
    {
        int colon = credentials.IndexOf(':');
        return colon < 0 || colon == credentials.Length - 1
            ? null
            : ForPassword(caHash, credentials.Slice(0, colon).ToString(), new Secret(credentials.Slice(colon + 1)));
    }
}
