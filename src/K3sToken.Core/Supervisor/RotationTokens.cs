using System;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>The two passwords of a rotation, and the hash of the CA of the cluster that they are of.</summary>
internal sealed class RotationTokens : IDisposable
{
    private const string UserName = "server";
    private const string Prefix = "K10";
    private const string HashEnd = "::";
    private const string MakeOne = "New-K3sTokenValue -Kind Server makes one that will do.";

    private RotationTokens(Secret old, Secret @new, string caHash)
    {
        Old = old;
        New = @new;
        CAHash = caHash;
    }

    /// <summary>The password before.</summary>
    public Secret Old { get; }

    /// <summary>The password after.</summary>
    public Secret New { get; }

    /// <summary>The hash that one of the tokens names, or both; empty where neither does.</summary>
    public string CAHash { get; }

    /// <summary>True if nothing would change.</summary>
    public bool AreSame => Old.Reveal().SequenceEqual(New.Reveal());

    /// <summary>The 12 hex digits by which snapshots name the old token.</summary>
    public string OldHash => JoinTokenText.KeyHash(Old);

    /// <summary>The 12 hex digits by which snapshots name the new token.</summary>
    public string NewHash => JoinTokenText.KeyHash(New);

    /// <summary>Reads the tokens as people give them. A whole token is reduced to its password, as servers do.</summary>
    /// <param name="oldText">The token before; one line end after it is left out.</param>
    /// <param name="newText">The token after; null for a random one.</param>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.InvalidTokenFormat"/>: one of them will not do as a server token.
    /// <see cref="ErrorId.CAHashMismatch"/>: they are of two clusters.</exception>
    public static RotationTokens Read(ReadOnlySpan<char> oldText, Secret? newText)
    {
        using JoinTokenText old = ReadOld(JoinToken.WithoutLineEnd(oldText));
        if (newText is null)
        {
            return new RotationTokens(Copy(old.Secret), RandomText.ServerPassword(), old.CAHash);
        }

        using JoinTokenText @new = ReadNew(newText.Reveal());
        if (old.CAHash.Length > 0 && @new.CAHash.Length > 0 && old.CAHash != @new.CAHash)
        {
            throw new K3sTokenException(
                ErrorId.CAHashMismatch,
                "The new token names another CA hash than the current one: they are of two clusters. Give the new value without K10<hash>::.");
        }

        return new RotationTokens(Copy(old.Secret), Copy(@new.Secret), old.CAHash.Length > 0 ? old.CAHash : @new.CAHash);
    }

    /// <summary>A server token with this password, with the hash of the cluster's CA.</summary>
    public static Secret Whole(Secret password, string caHash) => JoinTokenText.ForPassword(caHash, UserName, password).Format();

    /// <summary>Zeroes the passwords.</summary>
    public void Dispose()
    {
        Old.Dispose();
        New.Dispose();
    }

    private static Secret Copy(Secret secret) => new(secret.Reveal());

    private static JoinTokenText ReadOld(ReadOnlySpan<char> text)
    {
        JoinTokenText token = IntactToken.Parse(text);
        return token.Kind == JoinTokenKind.Password
            ? token
            : throw Refused("The current token is a bootstrap token, and only the server token can be rotated: give that (on a server, "
                + "/var/lib/rancher/k3s/server/token).");
    }

    private static JoinTokenText ReadNew(ReadOnlySpan<char> text)
    {
        if (text.StartsWith(Prefix.AsSpan(), StringComparison.Ordinal) && text.IndexOf(HashEnd.AsSpan(), StringComparison.Ordinal) < 0)
        {
            throw BeginsWithPrefix();
        }

        JoinTokenText token = IntactToken.Parse(text);
        CheckPassword(token);
        return token;
    }

    private static void CheckPassword(JoinTokenText token)
    {
        ReadOnlySpan<char> password = token.Secret.Reveal();
        if (token.Kind == JoinTokenKind.Bootstrap || BootstrapTokenText.IsToken(password))
        {
            throw Refused($"The new token has the form of a bootstrap token (id.secret), which K3s refuses as a server token. {MakeOne}");
        }

        if (password.StartsWith(Prefix.AsSpan(), StringComparison.Ordinal))
        {
            throw BeginsWithPrefix();
        }

        foreach (char c in password)
        {
            if (char.IsWhiteSpace(c) || char.IsControl(c))
            {
                throw Refused("The new token has white space or a control character in it. K3s can be left with half of such a rotation, "
                    + $"and then does not start again. {MakeOne}");
            }
        }

        if (HalfCharacter.IsIn(password))
        {
            throw Refused($"The new token has half of a character in it, which no encoding can send. {MakeOne}");
        }
    }

    private static K3sTokenException BeginsWithPrefix() => Refused(
        $"The new token begins with K10 and is no whole token (K10<hash>::server:password). K3s refuses such a value. {MakeOne}");

    private static K3sTokenException Refused(string message) => new(ErrorId.InvalidTokenFormat, message);
}
