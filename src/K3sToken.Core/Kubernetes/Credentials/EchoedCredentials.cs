using System;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;

namespace K3sToken.Kubernetes;

/// <summary>Takes the credentials of a request out of what its server says: one that repeats them must not bring them to a log.</summary>
internal static class EchoedCredentials
{
    private const string Replacement = "(secret)";

    /// <summary>The text without them.</summary>
    /// <param name="text">What the server says.</param>
    /// <param name="response">The answer that it is from.</param>
    public static string Remove(string text, HttpResponseMessage response)
    {
        if (text.Length == 0 || response.RequestMessage?.Headers.Authorization is not { Parameter: { Length: > 0 } parameter } header)
        {
            return text;
        }

        char[] secret = SecretIn(header, parameter);
        try
        {
            return Without(Without(text, parameter.AsSpan()), secret);
        }
        finally
        {
            Array.Clear(secret, 0, secret.Length);
        }
    }

    /// <summary>What comes after the user name, or after the id of a bootstrap token.</summary>
    private static char[] SecretIn(AuthenticationHeaderValue header, string parameter)
    {
        if (header.Scheme != "Basic")
        {
            return parameter.AsSpan(parameter.IndexOf('.') + 1).ToArray();
        }

        byte[] plain = Convert.FromBase64String(parameter);
        int start = Array.IndexOf(plain, (byte)':') + 1;
        char[] secret = Encoding.UTF8.GetChars(plain, start, plain.Length - start);
        Array.Clear(plain, 0, plain.Length);
        return secret;
    }

    private static string Without(string text, ReadOnlySpan<char> secret)
    {
        int from = 0;
        while (secret.Length > 0 && text.AsSpan(from).IndexOf(secret) is >= 0 and int found)
        {
            int at = from + found;
            text = text.Substring(0, at) + Replacement + text.Substring(at + secret.Length);
            from = at + Replacement.Length;
        }

        return text;
    }
}
