using System;
using System.Text.RegularExpressions;
using K3sToken.Tokens;

namespace K3sToken.Supervisor;

/// <summary>Reads a token that is to be shown to somebody.</summary>
internal static class IntactToken
{
    // K3s takes such a text for a password. Its CA hash would not be checked, and whoever answers would get the whole token.
    private static readonly Regex WholeTokenInside = new("k10[0-9a-f]{32,}:", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>The token, if it is none with something around it.</summary>
    /// <exception cref="K3sTokenException"><see cref="ErrorId.InvalidTokenFormat"/>: it is none, or has the form K10&lt;hash&gt;::… but for a
    /// quote, a space, a byte order mark or the like.</exception>
    public static JoinTokenText Parse(ReadOnlySpan<char> text)
    {
        JoinTokenText token = JoinTokenText.Parse(text);
        if (token.CAHash.Length > 0 || !WholeTokenInside.IsMatch(text.ToString()))
        {
            return token;
        }

        token.Dispose();
        throw new K3sTokenException(
            ErrorId.InvalidTokenFormat,
            "The token holds K10<hash>: but does not have the form K10<hash>::..., so that its CA hash would not be checked. Take away what "
                + "stands around it, such as a space, quotes, K3S_TOKEN= or a byte order mark. It was not sent.");
    }
}
