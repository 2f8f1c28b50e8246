using System;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using K3sToken.Tokens;

namespace K3sToken.Kubernetes;

/// <summary>What a connection shows of its user: an Authorization header, a client certificate, both or neither.</summary>
internal sealed class Login
{
    /// <summary>The header to send with each request; null for none.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>The client certificate with its key, then what is to be sent with it; empty for none.</summary>
    public X509Certificate2Collection Certificates { get; init; } = [];

    /// <summary>When to ask for new credentials; null where they stay as they are.</summary>
    public DateTime? RenewAt { get; init; }

    /// <summary>The header of a bearer token.</summary>
    /// <param name="token">The token; white space around it does not count.</param>
    /// <param name="source">Where it came from, for the message if it is none.</param>
    /// <exception cref="K3sTokenException">The text cannot be a token.</exception>
    public static AuthenticationHeaderValue Bearer(ReadOnlySpan<char> token, string source)
    {
        token = token.Trim();
        foreach (char c in token)
        {
            if (c is <= ' ' or >= (char)0x7F)
            {
                throw NoToken(source);
            }
        }

        return token.Length > 0 ? new AuthenticationHeaderValue("Bearer", token.ToString()) : throw NoToken(source);
    }

    /// <summary>The header of a user name and password.</summary>
    public static AuthenticationHeaderValue Basic(string userName, Secret? password)
    {
        string text = userName + ":" + (password is null ? "" : password.Reveal().ToString());
        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(text)));
    }

    private static K3sTokenException NoToken(string source) =>
        new(ErrorId.AuthenticationFailed, $"{source} holds no bearer token: it is empty, or has characters that no token has.");
}
